/** Keys with oneself, for the rehearsal of the packet path: what one row seals, the other opens. */
import type { Rng } from '../base/index.ts';
import type { DataTable, Row } from './data-table.ts';
import { FIRST_COUNTER } from './spec.ts';

/** Two rows of one fresh key; `end` wipes it. */
export type MirrorKeys = { readonly sendRow: Row; readonly openRow: Row; readonly end: () => void };

const KEY_BYTES = 32;

/** Takes two rows. @returns null when the table is full */
export function mirrorKeys(data: DataTable, rng: Rng, nowMs: number): MirrorKeys | null {
  const key = rng.bytes(KEY_BYTES);
  const sendRow = data.install(key, true, FIRST_COUNTER, nowMs);
  const openRow = sendRow < 0 ? -1 : data.install(key, false, FIRST_COUNTER, nowMs);
  key.fill(0);
  if (openRow < 0) {
    if (sendRow >= 0) data.free(sendRow);
    return null;
  }
  // As if a packet had come each way already: data takes the fast way from the first one on.
  data.establish(sendRow, FIRST_COUNTER - 1, nowMs);
  data.establish(openRow, FIRST_COUNTER - 1, nowMs);
  const end = (): void => {
    data.free(sendRow);
    data.free(openRow);
  };
  return { sendRow, openRow, end };
}
