/** A session with nobody, for the rehearsal of the packet path: what is sent in it comes back in it. */
import type { Rng } from '../base/index.ts';
import { type DataTable, mirrorKeys } from '../channel/index.ts';
import type { Ip6 } from '../crypto/index.ts';
import { type PeerNumber, SELF_LABEL } from '../switch/index.ts';
import type { Sessions } from './sessions.ts';
import { claim, leave } from './table.ts';

/** Takes a row of the table that no session has, until the event loop goes on. @returns null when there are no keys */
export function mirrorSession(
  { table }: Sessions,
  data: DataTable,
  rng: Rng,
  { address, over }: { readonly address: Ip6; readonly over: PeerNumber },
  nowMs: number,
): { readonly end: () => void } | null {
  const keys = mirrorKeys(data, rng, nowMs);
  if (keys === null) return null;
  const number = claim(table, rng, address);
  table.sendHandle[number] = table.handle[number] as number;
  table.firstHop[number] = over;
  // Behind our own switch there is one hop left: the one that ends here.
  table.labelLow[number] = Number(SELF_LABEL);
  table.sendRow[number] = keys.sendRow;
  table.openRow[number] = keys.openRow;
  const end = (): void => {
    leave(table, number);
    keys.end();
  };
  return { end };
}
