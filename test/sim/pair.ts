/** Two neighbours on a virtual clock: host 1 dials host 0. What can go wrong between them is up to the test. */
import { makeTopology, World } from '../../src/sim/index.ts';

export const ACCEPTOR = 0;
export const DIALLER = 1;

/** Packets of a link, by the first word of the datagram (protocol 02 §2). */
export type Kind = 'hello' | 'key' | 'data';

/** What a datagram of a link is. */
export function kindOf(datagram: Uint8Array): Kind {
  const isHandshake = ((datagram[0] ?? 0) | (datagram[1] ?? 0) | (datagram[2] ?? 0)) === 0 && (datagram[3] ?? 0) < 4;
  if (!isHandshake) return 'data';
  return (datagram[3] ?? 0) < 2 ? 'hello' : 'key';
}

/** Rules of the handshake at each end. */
export type Rules = { readonly acceptor: 'stock' | 'hardened'; readonly dialler: 'stock' | 'hardened' };

/** Two hosts and the line between them, not started yet. */
export function pairOf(seed: number, latencyMs = 5, rules: Rules | null = null): World {
  return new World({
    seed,
    graph: makeTopology('line', 2, seed),
    ...(rules === null ? {} : { rulesOf: (host: number) => (host === ACCEPTOR ? rules.acceptor : rules.dialler) }),
    conditions: (_, conditions) => {
      conditions.latencyMs = latencyMs;
    },
  });
}

/** Do both ends say that their one link is up? */
export function isUp(world: World): boolean {
  return [ACCEPTOR, DIALLER].every((host) => {
    const peers = world.running(host)?.node.inspect().peers ?? [];
    return peers.length === 1 && peers[0]?.state === 'established';
  });
}
