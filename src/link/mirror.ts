/** A link to ourselves without a cable, for the rehearsal of the packet path: it is in the table, and is no peer. */
import type { Rng } from '../base/index.ts';
import { type DataTable, mirrorKeys } from '../channel/index.ts';
import { allocate, type InterfaceTable, type PeerNumber, release, UP } from '../switch/index.ts';
import { bindEndpoint, clearLink, type LinkTable } from './table.ts';

/** The link; frames to it bear `slot` as their endpoint, and those with it are its own. */
export type MirrorLink = { readonly number: PeerNumber; readonly slot: number; readonly end: () => void };

/** What it stands in. */
export type MirrorPlaces = {
  readonly table: LinkTable;
  readonly interfaces: InterfaceTable;
  readonly data: DataTable;
  readonly rng: Rng;
};

/** Takes a free number and an endpoint slot that nobody has. @returns null when there is no number or no keys */
export function mirrorLink({ table, interfaces, data, rng }: MirrorPlaces, nowMs: number): MirrorLink | null {
  const number = allocate(interfaces.state);
  const keys = number === null ? null : mirrorKeys(data, rng, nowMs);
  if (number === null || keys === null) {
    if (number !== null) release(interfaces, number);
    return null;
  }
  let slot = table.byEndpoint.length - 1;
  while (slot >= 0 && table.byEndpoint[slot] !== -1) slot--;
  if (slot < 0) slot = table.byEndpoint.length;
  bindEndpoint(table, slot, number);
  interfaces.state[number] = UP;
  table.endpoint[number] = slot;
  table.sendRow[number] = keys.sendRow;
  table.openRow[number] = keys.openRow;
  const end = (): void => {
    bindEndpoint(table, slot, -1);
    clearLink(table, number);
    release(interfaces, number);
    keys.end();
  };
  return { number, slot, end };
}
