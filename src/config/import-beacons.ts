/** `beacon`, `beaconDevices` and `beaconPort` of a stock configuration, which has them for each interface. Source: protocol 04 §9.3. */
import { isDeviceName } from '../underlay/index.ts';
import { type Fields, listOf, shown } from './import-fields.ts';

/** The states of an interface (protocol 04 §9.1), by their numbers. */
const STATES = ['off', 'listen', 'on'] as const;
const ALL = 'all';

/** Writes `lan` as it was: who told nobody of itself goes on telling nobody. */
export function replaceLan(text: string, interfaces: Fields, remarks: string[]): string {
  const all = [...listOf(interfaces.UDPInterface), ...listOf(interfaces.ETHInterface)];
  const states = all.map(({ beacon }) => (beacon === 1 || beacon === 2 ? beacon : 0));
  const state = Math.max(0, ...states);
  const named = all.flatMap(({ beaconDevices }) => (Array.isArray(beaconDevices) ? beaconDevices : []));
  const devices = named.filter((one): one is string => typeof one === 'string' && isDeviceName(one));
  for (const one of named) {
    if (!devices.includes(one as string))
      remarks.push(`UDPInterface.beaconDevices ${shown(one)}: left out, name a device`);
  }
  let result = text.replace('  beacon: on', `  beacon: ${STATES[state]}`);
  const list = devices.includes(ALL) ? [ALL] : [...new Set(devices)];
  if (state > 0 && list.length > 0) result = result.replace('  devices: [auto]', `  devices: [${list.join(', ')}]`);
  const port = all.map(({ beaconPort }) => beaconPort).find((one) => Number.isInteger(one));
  if (state > 0 && port !== undefined) result = result.replace('  port: 64512', `  port: ${port}`);
  return result;
}
