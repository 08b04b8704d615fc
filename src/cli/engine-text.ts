/** Who moves the packets and with what help of the kernel, in one line, for `status` and `doctor`. */
import type { BencodeMap } from '../base/index.ts';
import { printable } from '../text/index.ts';

/** What each offload is called, in the order of the line. */
const OFFLOAD_NAMES = [
  ['tunOffload', 'TUN (TCP)'],
  ['tunUdpOffload', 'TUN (UDP)'],
  ['udpSend', 'sending'],
  ['udpReceive', 'receiving'],
] as const;

/**
 * `native: avx2; packets go joined for TUN (TCP), sending, receiving`; an offload that the kernel lacks is not in it.
 * @param details `engineDetails` of `Fcmesh_status`; flags are 0 and 1
 */
export function engineText(engine: string | null, details: Readonly<Record<string, string | number>>): string {
  const on = OFFLOAD_NAMES.filter(([name]) => details[name] === 1).map(([, text]) => text);
  const known = OFFLOAD_NAMES.some(([name]) => details[name] !== undefined);
  const parts = [
    ...(typeof details.crypto === 'string' ? [details.crypto] : []),
    ...(known ? [`packets go ${on.length === 0 ? 'one by one' : `joined for ${on.join(', ')}`}`] : []),
  ];
  return [engine ?? '-', ...(parts.length === 0 ? [] : [parts.join('; ')])].map(printable).join(': ');
}

/** `engineDetails` of `Fcmesh_status`. Flags come as 0 and 1, counters as numbers, names as text: told apart by what the engine calls them. */
export function engineDetailsOf(map: BencodeMap): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    [...map].map(([key, value]) => [
      key,
      value instanceof Uint8Array
        ? Buffer.from(value).toString('utf8')
        : typeof value === 'bigint'
          ? Number(value)
          : '',
    ]),
  );
}
