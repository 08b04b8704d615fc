/** The log of the daemon as it comes. */

import { formatTime, wrapped } from '../../text/index.ts';
import { bodyLines } from '../layout.ts';
import { clipped, type Line, line, piece, type Tone } from '../line.ts';
import type { Model } from '../model.ts';

const TONES: Readonly<Record<string, Tone>> = { error: 'bad', critical: 'bad', warn: 'warn', debug: 'dim' };

/** Everything between head and foot. */
export function logScreen(model: Model): readonly Line[] {
  const { size, log } = model;
  const space = bodyLines(size);
  if (log.length === 0) {
    const text = model.logTrouble ?? 'Nothing was logged yet.';
    return wrapped(text, size.columns - 4).map((part) => line(`  ${part}`, 'dim'));
  }
  const end = log.length - model.logBack;
  const below: Line[] = model.logBack === 0 ? [] : [line(`  ${model.logBack} newer below; end follows`, 'dim')];
  const shown = log.slice(Math.max(0, end - space + below.length), end);
  const lines = shown.map((one) => {
    const word = one.level.toLowerCase();
    const parts = [
      piece(` ${formatTime(one.atMs)} `, 'dim'),
      piece(word.padEnd(6), TONES[word] ?? 'plain'),
      piece(one.text),
    ];
    return clipped(parts, size.columns);
  });
  return [...lines, ...below];
}
