/**
 * An endpoint with its transport, as text: `udp://192.0.2.7:21000`, `eth://02:00:00:00:00:01@eth0`; and which endpoints a peer can have,
 * decided here for `check`, `join`, `peer add`, `import`, `invite`, the daemon and what its resolver says.
 */
import { type Mistake, mistake } from '../base/index.ts';
import { type HostPort, parseHostPort } from './host-port.ts';
import { type EthEndpoint, eth, ethSender } from './transports/eth.ts';
import type { Transport } from './transports/transport.ts';
import { type UdpEndpoint, udp } from './transports/udp.ts';

/** Where this node listens, or a peer is reached. */
export type Endpoint = UdpEndpoint | EthEndpoint;

/** The places of one peer: at least one, in the order in which somebody wrote them. */
export type Endpoints = readonly [Endpoint, ...Endpoint[]];

/** All transports; a new one is a file in `transports/` and its name here. */
const TRANSPORTS: { readonly [Scheme in Endpoint['transport']]: Transport<Endpoint & { transport: Scheme }> } = {
  udp,
  eth,
};
/** What `HOST:PORT` means where no transport is named. */
const USUAL = udp;
const EXAMPLES = {
  listen: 'udp://0.0.0.0:21000 or udp://[::]:21000',
  peer: 'udp://192.0.2.7:21000 or udp://[2001:db8::7]:21000',
};

/** Reads `udp://HOST:PORT`, `eth://DEVICE` or `eth://MAC@DEVICE`. @param anyPort port 0 is allowed */
export function parseEndpoint(text: string, anyPort = false): Endpoint | null {
  const [scheme, rest] = split(text);
  return of(scheme)?.parse(rest, anyPort) ?? null;
}

/** Reads an endpoint whose transport may be left out, as commands, invitations and stock configurations have it. */
export function parsePeerAddress(text: string): Endpoint | null {
  return parseEndpoint(withScheme(text));
}

/** Writes what `parseEndpoint` reads. */
export function formatEndpoint(at: Endpoint): string {
  return `${at.transport}://${transportOf(at).format(at)}`;
}

/** Writes it as short as `parsePeerAddress` reads it. */
export function formatPeerAddress(at: Endpoint): string {
  return at.transport === USUAL.scheme ? USUAL.format(at) : formatEndpoint(at);
}

/** The endpoint that a host and a port mean where no transport is named; they may be those of a sender. */
export function endpointAt({ host, port }: HostPort): Endpoint {
  return ethSender({ host, port }) ?? { transport: USUAL.scheme, host, port };
}

/** As the engine names it, in `sender` and `endpoint`; null for a device of raw Ethernet, where no single peer is. */
export function senderOf(at: Endpoint): HostPort | null {
  return transportOf(at).senderOf(at);
}

/** Writes where a peer is, as the engine names it, for people: as `formatPeerAddress`. */
export function formatSender(at: HostPort): string {
  return formatPeerAddress(endpointAt(at));
}

/** A list that is not empty as one; null: it is. */
export function asEndpoints([first, ...others]: readonly Endpoint[]): Endpoints | null {
  return first === undefined ? null : [first, ...others];
}

/** Host and port; null where the transport has none (raw Ethernet). */
export function hostPortOf(at: Endpoint): HostPort | null {
  return transportOf(at).hostPortOf(at);
}

/** What is wrong with a text as a place to listen at: an address of this machine, never a name. */
export function checkListen(text: string): Mistake | null {
  const at = parseEndpoint(text, true);
  return at === null ? explain(text, 'listen') : transportOf(at).checkListen(at);
}

/** What is wrong with a text as the endpoint of a peer: host names are allowed, addresses that no peer can have are not. */
export function checkEndpoint(text: string): Mistake | null {
  const at = parseEndpoint(text);
  return at === null ? explain(text, 'peer') : transportOf(at).checkPeer(at);
}

/** The same where the transport may be left out; suggestions leave it out, too. */
export function checkPeerAddress(text: string): Mistake | null {
  const wrong = checkEndpoint(withScheme(text));
  if (wrong === null) return null;
  return { ...wrong, suggestion: wrong.suggestion?.replaceAll(`${USUAL.scheme}://`, '') ?? null };
}

function split(text: string): readonly [scheme: string, rest: string] {
  const at = text.indexOf('://');
  return at < 0 ? ['', text] : [text.slice(0, at), text.slice(at + 3)];
}

function withScheme(text: string): string {
  return of(split(text)[0]) === null ? `${USUAL.scheme}://${text}` : text;
}

function of(scheme: string): Transport<Endpoint> | null {
  return Object.hasOwn(TRANSPORTS, scheme) ? transportOf({ transport: scheme } as Endpoint) : null;
}

/** Endpoints carry the name of the transport that read them, so it is given only what is its own. */
function transportOf({ transport }: Endpoint): Transport<Endpoint> {
  return TRANSPORTS[transport] as Transport<Endpoint>;
}

/** What keeps a text from being an endpoint. */
function explain(text: string, what: 'listen' | 'peer'): Mistake {
  const example = `for example ${EXAMPLES[what]}`;
  if (parseHostPort(text) !== null)
    return mistake('needs the transport in front', `did you mean "${USUAL.scheme}://${text}"?`);
  const [scheme, rest] = split(text);
  const isWord = /^[a-z]+$/i.test(scheme);
  const lower = of(scheme.toLowerCase());
  if (isWord && lower !== null && lower.scheme !== scheme)
    return mistake('begins with a word in capitals', `did you mean "${lower.scheme}://${rest}"?`);
  if (isWord && lower === null) return mistake(`does not know the transport "${scheme}"`, example);
  return lower?.explain(rest) ?? mistake('is no underlay address', example);
}
