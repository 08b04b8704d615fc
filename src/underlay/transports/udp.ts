/** UDP: `udp://192.0.2.7:21000`, `udp://[2001:db8::7]:21000`, `udp://peer.example:21000`. Source: protocol 04 §3. */
import { checkListenHost, checkPeerHost, explainHostPort } from '../dialable.ts';
import { formatHostPort, type HostPort, parseHostPort } from '../host-port.ts';
import type { Transport } from './transport.ts';

/** A host and a UDP port. */
export type UdpEndpoint = HostPort & { readonly transport: 'udp' };

const SCHEME = 'udp';

export const udp: Transport<UdpEndpoint> = {
  scheme: SCHEME,
  parse: (rest, anyPort) => {
    const at = parseHostPort(rest, anyPort);
    return at === null ? null : { transport: SCHEME, ...at };
  },
  format: formatHostPort,
  hostPortOf: ({ host, port }) => ({ host, port }),
  senderOf: ({ host, port }) => ({ host, port }),
  checkListen: (at) => checkListenHost(SCHEME, at),
  checkPeer: (at) => checkPeerHost(SCHEME, at),
  explain: (rest) => explainHostPort(SCHEME, rest),
};
