/** What `up` prints once the node runs: who it is, where it listens, how somebody joins. */
import { formatHostPort, type HostPort } from '../underlay/index.ts';

/** Facts about a daemon that has started. */
export type Started = {
  readonly version: string;
  readonly address: string;
  readonly key: string;
  /** `udp://HOST:PORT`. */
  readonly listening: readonly string[];
  readonly tun: { readonly name: string; readonly mtu: number } | null;
  readonly admin: HostPort;
  readonly peers: number;
  readonly accept: number;
  /** Are neighbours in the local network looked for? */
  readonly lan: boolean;
  readonly file: string;
};

/** Lines for stdout. */
export function bannerLines(started: Started): readonly string[] {
  const { listening, tun } = started;
  const listen = listening.length === 0 ? 'nowhere: this node only dials' : listening.join(', ');
  const port = listening.map((at) => /:(\d+)$/.exec(at)?.[1]).find((one) => one !== undefined) ?? '21000';
  const lines = [
    `fcmesh ${started.version} is up`,
    `  address  ${started.address}`,
    `  key      ${started.key}`,
    `  listen   ${listen}`,
    `  tun      ${tun === null ? 'none (relay only)' : `${tun.name}, MTU ${tun.mtu}`}`,
    `  admin    ${formatHostPort(started.admin)}`,
    '',
  ];
  if (listening.length > 0) {
    lines.push(
      `To invite somebody: fcmesh invite --name NAME --config ${started.file}`,
      `It prints the line they join with; they must reach UDP port ${port} of this machine.`,
    );
  }
  if (started.peers + started.accept === 0)
    lines.push(
      '',
      `Nobody is under "peers" or "accept" yet, so ${started.lan ? 'only neighbours in the local network' : 'nobody'} will be connected.`,
    );
  return lines;
}
