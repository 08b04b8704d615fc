/** `ETHInterface` of a stock configuration: devices to listen at, and peers behind them by their MAC. Source: protocol 04 §9.4. */
import { inWords } from '../base/index.ts';
import { checkListen } from '../underlay/index.ts';
import { type Fields, fieldsOf, listOf, nameOthers, shown, wantFields } from './import-fields.ts';

/** Stock opens all devices that there are at its start by this word; ours are named. */
const ALL = 'all';

/** Entries of `listen`. */
export function ethernetListen(interfaces: Fields, remarks: string[]): readonly string[] {
  return listOf(interfaces.ETHInterface).flatMap((one, index) => {
    const where = `ETHInterface[${index}]`;
    const { bind } = one;
    nameOthers(where, one, ['bind', 'connectTo', 'beacon'], remarks);
    const wrong = deviceProblem(bind);
    if (wrong === null) return [`eth://${String(bind)}`];
    const peers = Object.keys(fieldsOf(one.connectTo)).length;
    remarks.push(`${where}.bind ${shown(bind)}: left out${peers === 0 ? '' : ` with its ${peers} peers`}, it ${wrong}`);
    return [];
  });
}

/** Its `connectTo`, with endpoints as we write them. */
export function ethernetConnectTo(interfaces: Fields, remarks: string[]): readonly Fields[] {
  return listOf(interfaces.ETHInterface).map(({ bind, connectTo }) => {
    if (deviceProblem(bind) !== null) return {};
    const peers = Object.entries(wantFields('ETHInterface.connectTo', connectTo, remarks));
    return Object.fromEntries(peers.map(([mac, fields]) => [`eth://${mac}@${String(bind)}`, fields]));
  });
}

function deviceProblem(bind: unknown): string | null {
  if (typeof bind !== 'string') return 'is no text';
  if (bind === ALL) return 'names no device; write each under "listen", for example eth://eth0';
  const wrong = checkListen(`eth://${bind}`);
  return wrong === null ? null : inWords(wrong);
}
