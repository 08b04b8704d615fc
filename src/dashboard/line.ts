/** A line of a frame: pieces of text with a tone. Screens make lines; Ink or plain text shows them. */
import { shorten, width } from '../text/index.ts';

/**
 * What a piece of text means. `good`, `warn`, `bad` are states (theme.ts gives them a colour); `strong` and `dim` only
 * weigh.
 */
export type Tone = 'plain' | 'strong' | 'dim' | 'good' | 'warn' | 'bad' | 'chosen';

/** Text without control characters, in one tone. */
export type Piece = { readonly text: string; readonly tone: Tone };

export type Line = readonly Piece[];

/** One screen full, from top to bottom. */
export type Frame = readonly Line[];

/** An empty line. */
export const BLANK: Line = [];

/** A piece. */
export function piece(text: string, tone: Tone = 'plain'): Piece {
  return { text, tone };
}

/** A line of one piece. */
export function line(text: string, tone: Tone = 'plain'): Line {
  return [piece(text, tone)];
}

/** A horizontal rule: from column 1 to the last but one. */
export function rule(columns: number): Line {
  return line(` ${'─'.repeat(Math.max(0, columns - 2))}`, 'dim');
}

/** `left`, and `right` flush with the end of the line; where both do not fit, `left` is cut. */
export function justified(left: Line, right: Line, columns: number): Line {
  const room = columns - lineWidth(right);
  const cut = clipped(left, Math.max(0, room - 1));
  return [...cut, piece(' '.repeat(Math.max(0, room - lineWidth(cut)))), ...right];
}

/** Columns that a line takes. */
export function lineWidth(one: Line): number {
  return one.reduce((sum, part) => sum + width(part.text), 0);
}

/** A line in at most `columns` columns. */
export function clipped(one: Line, columns: number): Line {
  const kept: Piece[] = [];
  let room = columns;
  for (const part of one) {
    if (room <= 0) break;
    const size = width(part.text);
    kept.push(size <= room ? part : { ...part, text: shorten(part.text, room) });
    room -= size;
  }
  return kept;
}

/** The same line in as few pieces as its tones allow, without blanks at the end: each piece costs time to draw. */
export function joined(one: Line): Line {
  const parts: Piece[] = [];
  for (const part of one) {
    const last = parts.at(-1);
    if (part.text === '') continue;
    // A blank looks the same in all tones that only colour or weigh it.
    const isSame = last !== undefined && (last.tone === part.tone || (isBlank(part) && last.tone !== 'chosen'));
    if (isSame) parts[parts.length - 1] = { text: last.text + part.text, tone: last.tone };
    else parts.push(part);
  }
  const last = parts.pop();
  if (last === undefined) return BLANK;
  const text = last.tone === 'chosen' ? last.text : last.text.trimEnd();
  return text === '' ? joined(parts) : [...parts, { text, tone: last.tone }];
}

function isBlank(part: Piece): boolean {
  return part.tone !== 'chosen' && part.text.trim() === '';
}

/** The text of a line, nothing trailing. */
export function plainText(one: Line): string {
  return one
    .map((part) => part.text)
    .join('')
    .trimEnd();
}
