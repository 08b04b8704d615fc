/** The local network in `status` and `doctor`: which devices are used, who was heard there, and why not. */
import { asMap, type BencodeMap, getList, getMap } from '../base/index.ts';
import { plural, printable } from '../text/index.ts';
import { countOf, textOf } from './fields.ts';
import { type Finding, found } from './finding.ts';

/** As a status has it. */
export type Network = {
  readonly devices: readonly { readonly name: string; readonly used: boolean; readonly reason: string | null }[];
  readonly heard: readonly {
    readonly endpoint: string;
    readonly key: string;
    readonly reason: string | null;
    readonly lastSeconds: number;
  }[];
};

/** Reads it from a reply; daemons that know nothing of it have none. */
export function networkOf(reply: BencodeMap): Network {
  const network = getMap(reply, 'network') ?? new Map();
  const maps = (key: string): readonly BencodeMap[] =>
    (getList(network, key) ?? []).map((one) => asMap(one) ?? new Map());
  return {
    devices: maps('devices').map((one) => ({
      name: textOf(one, 'name') ?? '-',
      used: countOf(one, 'used') === 1,
      reason: textOf(one, 'reason'),
    })),
    heard: maps('heard').map((one) => ({
      endpoint: textOf(one, 'endpoint') ?? '-',
      key: textOf(one, 'key') ?? '-',
      reason: textOf(one, 'reason'),
      lastSeconds: countOf(one, 'lastSeconds'),
    })),
  };
}

/** One line of `status`; null where nobody looks for neighbours. */
export function networkText({ devices, heard }: Network): string | null {
  if (devices.length === 0) return null;
  const used = devices.filter((one) => one.used).map(({ name }) => name);
  if (used.length === 0) return 'no device is used; fcmesh doctor says why';
  const refused = heard.filter(({ reason }) => reason !== null).length;
  const ignored = refused === 0 ? '' : `, ${refused} of ${plural(heard.length, 'beacon')} not answered`;
  return printable(`neighbours are looked for on ${used.join(', ')}${ignored}`);
}

/** What `doctor` says of it: each device that is left out with the reason, and silence. */
export function networkFindings(network: Network, lan: 'on' | 'listen' | 'off' | null): readonly Finding[] {
  const { devices, heard } = network;
  if (devices.length === 0) {
    const remedy = lan === 'off' ? 'lan.beacon: on finds neighbours on the cable and in the Wi-Fi' : null;
    return lan === null ? [] : [found('neighbours', 'good', 'not looked for in the local network', remedy)];
  }
  const used = devices.filter((one) => one.used).map(({ name }) => name);
  const leftOut = devices.filter((one) => !one.used && one.reason !== null);
  const findings = [...new Set(leftOut.map(({ reason }) => reason))].map((reason) => {
    const names = leftOut.filter((one) => one.reason === reason).map(({ name }) => name);
    return found('neighbours', 'good', printable(`not used: ${names.join(', ')}: ${reason}`));
  });
  for (const { endpoint, reason } of heard) {
    if (reason !== null)
      findings.push(found('neighbours', 'warning', printable(`${endpoint} was heard, and not dialled: ${reason}`)));
  }
  if (used.length === 0) {
    const remedy = 'Plug a cable in, join a Wi-Fi, or name a device under lan.devices.';
    return [...findings, found('neighbours', 'warning', 'no device is used to look for neighbours', remedy)];
  }
  if (heard.length > 0) {
    return [...findings, found('neighbours', 'good', `${plural(heard.length, 'node')} heard on ${used.join(', ')}`)];
  }
  const remedy =
    'Good if this is the only node there. A Wi-Fi may keep its guests apart ("client isolation"): use a cable, or fcmesh invite.';
  return [...findings, found('neighbours', 'warning', `nobody was heard on ${used.join(', ')}`, remedy)];
}
