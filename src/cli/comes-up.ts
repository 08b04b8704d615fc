/** Waits for the link to a peer that was just dialled. */

import type { BencodeMap } from '../base/index.ts';
import type { PeerToDial } from '../config/index.ts';
import { formatPublicKey } from '../crypto/index.ts';
import { formatHostPort, formatPeerAddress, hostPortOf, isIp4, isIp6, parseHostPort } from '../underlay/index.ts';
import type { AdminClient } from './client.ts';
import { textOf } from './fields.ts';
import { COMES_UP_POLL_MS } from './limits.ts';

/** What came of it; `reason` says why there is no link, as far as the daemon knows. */
export type Outcome = { readonly isUp: boolean; readonly reason: string | null };

/** Is a link to this peer, at an endpoint that was dialled and no other, up within `waitMs`? @throws MeshError of the call */
export async function comesUp(client: AdminClient, peer: PeerToDial, waitMs: number): Promise<Outcome> {
  const startedMs = performance.now();
  for (;;) {
    const links = (await client.list('Fcmesh_peers', 'peers')).filter(
      (row) => textOf(row, 'key') === formatPublicKey(peer.key),
    );
    if (links.some((row) => isAt(row, peer) && isEstablished(row))) return { isUp: true, reason: null };
    if (performance.now() - startedMs > waitMs) return { isUp: false, reason: reasonOf(links, peer) };
    await new Promise((resolve) => setTimeout(resolve, COMES_UP_POLL_MS));
  }
}

function reasonOf(links: readonly BencodeMap[], peer: PeerToDial): string | null {
  const elsewhere = links.find((row) => !isAt(row, peer) && isEstablished(row));
  if (elsewhere !== undefined)
    return `no answer there; this key is connected at ${textOf(elsewhere, 'endpoint')} already`;
  return links.map((row) => textOf(row, 'reason')).find((reason) => reason !== null) ?? null;
}

function isEstablished(row: BencodeMap): boolean {
  return textOf(row, 'state') === 'established';
}

/** Names are shown as the address they led to: there the port has to do. */
function isAt(row: BencodeMap, { endpoints }: PeerToDial): boolean {
  const text = textOf(row, 'endpoint') ?? '';
  return endpoints.some((endpoint) => {
    const at = hostPortOf(endpoint);
    if (at === null) return text === formatPeerAddress(endpoint);
    if (isIp4(at.host) || isIp6(at.host)) return text === formatHostPort(at);
    return parseHostPort(text)?.port === at.port;
  });
}
