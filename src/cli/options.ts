/** Options that all commands share. */
import { DEFAULT_FILE } from '../config/index.ts';

/** What a command gets from the command line. */
export type CommonOptions = {
  /** Absent: the default file. */
  readonly config?: string;
  /** `HOST:PORT`; absent: from the configuration. */
  readonly admin?: string;
  readonly json?: boolean;
};

/** The configuration file that is meant. */
export function configFileOf(options: CommonOptions): string {
  return options.config ?? DEFAULT_FILE;
}
