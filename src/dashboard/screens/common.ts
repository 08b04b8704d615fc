/** What several screens share: how a state, a quality and a node look. */

import { formatCount, middleAddress, width } from '../../text/index.ts';
import type { Names } from '../kinds.ts';
import { type Piece, piece, type Tone } from '../line.ts';
import type { PeerState } from '../snapshot.ts';

const STATE_TONES: Readonly<Record<PeerState, Tone>> = {
  established: 'good',
  handshake: 'warn',
  unresponsive: 'bad',
  incompatible: 'bad',
};

/** The state of a peer in its colour. */
export function statePiece(state: PeerState): Piece {
  return piece(state, STATE_TONES[state]);
}

/** From 80 on a link is good, below 50 it is bad. */
export function qualityTone(quality: number | null): Tone {
  if (quality === null) return 'dim';
  return quality >= 80 ? 'good' : quality >= 50 ? 'warn' : 'bad';
}

/** The figure in its colour. */
export function qualityPiece(quality: number | null): Piece {
  return piece(formatCount(quality), qualityTone(quality));
}

/** The name of a node, else its address: whole where it fits. */
export function nodeText(address: string, names: Names, room: number): string {
  const name = names.get(address);
  if (name !== undefined) return name;
  return width(address) < room ? address : middleAddress(address);
}
