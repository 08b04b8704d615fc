/** The version of this package, from its package.json; right from src and from dist. */
import { createRequire } from 'node:module';

export const VERSION = (createRequire(import.meta.url)('../../package.json') as { readonly version: string }).version;
