/** What `fcmesh doctor` finds about links: peers that are not up, and whom this node turns away. One side knows what the other cannot. */

import { asMap, type BencodeMap, getList } from '../base/index.ts';
import { plural, printable } from '../text/index.ts';
import { isIp4, isIp6, parseHostPort } from '../underlay/index.ts';
import { countOf, textOf } from './fields.ts';
import { type Finding, found } from './finding.ts';
import { KNOCK_MS, MAX_KNOCKS } from './limits.ts';
import type { Knocked } from './probe.ts';

const ONE_KEY = 'Two machines have one key: give one of them a new one (fcmesh keygen) under identity, and restart it.';

/** By the beginning of the reason in `fcmesh peers`; the first that fits. */
const OF_PEERS: readonly (readonly [reason: RegExp, remedy: string])[] = [
  [
    /^no answer/,
    "Run fcmesh doctor there, too: it says whether the login, the password or the key is turned away; if nobody is, a firewall between drops what is sent, or the address is another machine's.",
  ],
  [/^silent/, 'If it runs, see whether this machine has a network: ping its endpoint.'],
  [
    /cannot be resolved/,
    'Correct the name in the configuration, or see what this machine knows of it: getent ahosts NAME',
  ],
  [/leads only to|no peer can have/, 'Ask whose name it is for an address that others reach.'],
  [/this machine has no IPv/, 'Give this machine such an address, or dial the peer at one of the other kind.'],
  [/too old/, 'It needs a newer version.'],
  [/same key|has our key/, ONE_KEY],
];

/** By the reason in `fcmesh status`, under refused. */
const OF_REFUSED: Readonly<Record<string, string>> = {
  'unknown login':
    'No entry under "accept" has this login: make an invitation with fcmesh invite, or correct it there.',
  'wrong password or key':
    'The password there is not that under "accept" here, or they dial another key than ours (fcmesh status shows it).',
  'password required': 'They gave no password: send them an invitation (fcmesh invite).',
  'key in use at another address': ONE_KEY,
  'too many links of this login': 'Give each of them a login of its own: fcmesh invite --name NAME',
  'no place left': 'This node has as many peers as it can: fcmesh peer remove, or let them dial another.',
};

/** As `knock` of probe.ts. */
type Knock = (host: string, port: number, waitMs: number) => Promise<Knocked>;

/** What the network says of the endpoint of a peer that is not up. */
const OF_KNOCKS: Readonly<Record<Knocked, { readonly said: string; readonly remedy: string | null }>> = {
  silence: { said: '', remedy: null },
  closed: {
    said: '; that machine says that nothing listens there',
    remedy: 'The port is wrong, or the daemon there does not run: fcmesh status there shows where it listens.',
  },
  noMachine: {
    said: '; no machine answers there',
    remedy: 'The address is wrong, or that machine is off or not connected; a firewall may say so, too.',
  },
  noRoute: {
    said: '; this machine has no way there',
    remedy: 'Connect this machine to that network: ip route get ADDRESS shows what it knows.',
  },
  forbidden: {
    said: '; this machine may not send there',
    remedy: 'A firewall of this machine stops what it sends: let out UDP to that address.',
  },
};

/**
 * Asks the network about peers that are not up.
 * @param peers entries of `Fcmesh_peers`
 * @param status the reply of `Fcmesh_status`
 */
export async function peerFindings(
  peers: readonly BencodeMap[],
  status: BencodeMap,
  knock: Knock,
): Promise<readonly Finding[]> {
  const down = peers.filter((peer) => textOf(peer, 'state') !== 'established');
  const up = peers.length - down.length;
  const refused = (getList(status, 'refused') ?? []).map((one) => asMap(one) ?? new Map());
  return [
    ...(up > 0 || peers.length === 0 ? [found('peers', 'good', up > 0 ? `${plural(up, 'link')} up` : 'none yet')] : []),
    ...(await Promise.all(down.map((peer, index) => downFinding(peer, index < MAX_KNOCKS ? knock : null)))),
    ...refused.map(refusedFinding),
  ];
}

async function downFinding(peer: BencodeMap, knock: Knock | null): Promise<Finding> {
  const [name, endpoint] = [textOf(peer, 'name'), textOf(peer, 'endpoint') ?? '-'];
  const reason = textOf(peer, 'reason') ?? 'it is not up';
  // Whoever dials us and has not finished is a stranger's trouble, or a moment.
  const isDialled = textOf(peer, 'direction') !== 'in';
  const at = /^(no answer|silent)/.test(reason) && isDialled ? parseHostPort(endpoint) : null;
  const isAddress = at !== null && (isIp4(at.host) || isIp6(at.host));
  const heard = isAddress && knock !== null ? await knock(at.host, at.port, KNOCK_MS) : 'silence';
  const { said, remedy } = OF_KNOCKS[heard];
  const who = name === null ? endpoint : `${name} at ${endpoint}`;
  const ofReason = OF_PEERS.find(([pattern]) => pattern.test(reason))?.[1] ?? null;
  return found('peer', isDialled ? 'bad' : 'warning', printable(`${who}: ${reason}${said}`), remedy ?? ofReason);
}

function refusedFinding(one: BencodeMap): Finding {
  const reason = textOf(one, 'reason') ?? '-';
  const who = `${textOf(one, 'endpoint') ?? '-'} (${textOf(one, 'key') ?? 'key not known'})`;
  const finding = `${who} is turned away: ${reason}, ${plural(countOf(one, 'count'), 'time')}`;
  return found('turned away', 'warning', printable(finding), OF_REFUSED[reason] ?? null);
}
