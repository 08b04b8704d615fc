/** A session with nobody, for the rehearsal of the packet path: what is sent in it comes back in it. */
import { type Rng, readU32 } from '../base/index.ts';
import { type DataTable, mirrorKeys } from '../channel/index.ts';
import type { Ip6 } from '../crypto/index.ts';
import { type PeerNumber, SELF_LABEL } from '../switch/index.ts';
import type { Sessions } from './sessions.ts';
import { enter, growSessionTable, leave } from './table.ts';

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
  let number = table.handle.indexOf(0);
  if (number < 0) {
    number = table.capacity;
    growSessionTable(table);
  }
  for (let i = 0; i < 4; i++) table.address[number * 4 + i] = readU32(address, i * 4) | 0;
  const handle = readU32(rng.bytes(4), 0) | LEAST_HANDLE;
  table.handle[number] = handle | 0;
  table.sendHandle[number] = handle | 0;
  table.firstHop[number] = over;
  // Behind our own switch there is one hop left: the one that ends here.
  table.labelLow[number] = Number(SELF_LABEL);
  table.sendRow[number] = keys.sendRow;
  table.openRow[number] = keys.openRow;
  enter(table, number);
  const end = (): void => {
    leave(table, number);
    keys.end();
  };
  return { end };
}

/** Smaller ones mean something else (protocol 07 §1). */
const LEAST_HANDLE = 0x10;
