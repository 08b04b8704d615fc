/** Text in columns of a terminal: how wide, cut, filled up, and without anything that moves the cursor. */

const WIDE =
  /[\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60]|\p{Extended_Pictographic}/u;
const PLAIN = /^[\x20-\x7e]*$/;

/** Columns a text takes: wide letters of East Asia take two, combining marks none. */
export function width(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let columns = 0;
  for (const symbol of text) if (!/\p{Mn}/u.test(symbol)) columns += WIDE.test(symbol) ? 2 : 1;
  return columns;
}

/** `text` in exactly `columns` columns: cut with an ellipsis, or filled with blanks on the other side. */
export function fit(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const cut = shorten(text, columns);
  const blank = ' '.repeat(Math.max(0, columns - width(cut)));
  return align === 'left' ? cut + blank : blank + cut;
}

/** `text` in at most `columns` columns; what is left out is an ellipsis. */
export function shorten(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  if (columns < 1) return '';
  let kept = '';
  let used = 0;
  for (const symbol of text) {
    const size = width(symbol);
    if (used + size > columns - 1) break;
    kept += symbol;
    used += size;
  }
  return `${kept}…`;
}

/** Words of `text` in lines of at most `columns`; a longer word is cut. */
export function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (width(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = shorten(word, columns);
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

/** Text from elsewhere without anything that moves the cursor or turns the direction of reading (abuse case D9). */
export function printable(text: string): string {
  return PLAIN.test(text) ? text : text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '?');
}

/** `fc81:…:03aa`: the first and the last group of an address. */
export function shortAddress(address: string): string {
  const groups = address.split(':');
  return groups.length < 4 ? address : `${groups[0]}:…:${groups.at(-1)}`;
}

/** `fc40:77aa:…:19c2`: a little more of it. */
export function middleAddress(address: string): string {
  const groups = address.split(':');
  return groups.length < 5 ? address : `${groups[0]}:${groups[1]}:…:${groups.at(-1)}`;
}
