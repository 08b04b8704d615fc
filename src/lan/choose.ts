/**
 * On which devices neighbours are looked for. `auto` is what a cable or a radio is plugged into: a beacon into every container
 * bridge, tunnel and virtual machine helps nobody. Whoever names a device gets it. Source: protocol 04 §9.3, `beaconDevices`.
 */
import type { NetworkDevice } from '../underlay/index.ts';
import { MAX_DEVICES } from './limits.ts';

/** Words in the list that are no names. */
const AUTO = 'auto';
const ALL = 'all';

/** One device, and why it is left out; null: it is used. */
export type DeviceChoice = {
  readonly name: string;
  readonly device: NetworkDevice | null;
  readonly reason: string | null;
};

/** Where this node listens: on all addresses of the machine, or on one. */
export type Door = 'all' | string;

/** Software that joins devices: what passes its ports is seen on it. */
const JOINS = new Set(['bridge', 'bond', 'team']);

/**
 * Decides about every device of the machine, and every name that is asked for.
 * @param wanted names of devices, `auto`, `all`
 * @param own our own TUN device, null without one: the mesh must not carry itself
 * @param doors where this node listens: a neighbour that is told of us has to reach us
 */
export function chooseDevices(
  devices: readonly NetworkDevice[],
  wanted: readonly string[],
  own: string | null,
  doors: readonly Door[],
): readonly DeviceChoice[] {
  const isNamed = new Set(wanted.filter((word) => word !== AUTO && word !== ALL));
  const byIndex = new Map(devices.map((device) => [device.index, device]));
  const used = { count: 0 };
  const present = devices.map((device) => {
    const reason = reasonAgainst(device, { devices, byIndex, own, doors, wanted, isNamed: isNamed.has(device.name) });
    const isTooMany = reason === null && !isNamed.has(device.name) && used.count >= MAX_DEVICES;
    if (reason === null) used.count++;
    return {
      name: device.name,
      device,
      reason: isTooMany ? `more than ${MAX_DEVICES} devices: name those that count` : reason,
    };
  });
  const names = new Set(devices.map(({ name }) => name));
  const absent = [...isNamed].filter((name) => !names.has(name));
  return [...present, ...absent.map((name) => ({ name, device: null, reason: 'there is no such device (yet)' }))];
}

type Question = {
  readonly devices: readonly NetworkDevice[];
  readonly byIndex: ReadonlyMap<number, NetworkDevice>;
  readonly own: string | null;
  readonly doors: readonly Door[];
  readonly wanted: readonly string[];
  readonly isNamed: boolean;
};

function reasonAgainst(
  device: NetworkDevice,
  { devices, byIndex, own, doors, wanted, isNamed }: Question,
): string | null {
  const { name, link, master, isUp, hasCarrier, addresses } = device;
  if (name === own) return "this node's own device";
  if (link === 'loopback') return 'nobody but this machine is there';
  if (link !== 'ethernet') return 'no Ethernet or Wi-Fi: nobody hears a broadcast there';
  // Frames of a port are taken by its bridge before anybody else sees them.
  if (master !== null) return `a port of ${byIndex.get(master)?.name ?? 'a bridge'}: its neighbours are seen there`;
  if (!isNamed && !wanted.includes(ALL)) {
    const reason = wanted.includes(AUTO) ? reasonAgainstByItself(device, devices) : 'not in lan.devices';
    if (reason !== null) return reason;
  }
  if (!isUp) return 'it is switched off';
  if (!hasCarrier) return 'nothing is plugged in, or not connected to a network';
  const isOpen = doors.some((door) => door === 'all' || addresses.some(({ host }) => host === door));
  return isOpen ? null : 'this node does not listen there: add udp://0.0.0.0:21000 to listen';
}

/** Hardware is taken, and what joins hardware with something. */
function reasonAgainstByItself({ kind, index }: NetworkDevice, devices: readonly NetworkDevice[]): string | null {
  if (kind === null) return null;
  const joinsHardware = JOINS.has(kind) && devices.some(({ master, kind: port }) => master === index && port === null);
  return joinsHardware ? null : `a virtual device (${kind}): used only when lan.devices names it`;
}
