/**
 * YAML within bounds: the library's own lexer and parser run step by step, and what is too large or too deep is refused
 * before a tree is built of it. The tree is what costs: up to 15 µs and an error with a stack for each word that is wrong; and the parser
 * goes as deep as the text when it closes what is open, until the process ends (not with an exception: a regular expression that
 * cannot be compiled for want of stack aborts it).
 */
import * as yaml from 'yaml';
import { MAX_FILE_BYTES, MAX_NESTING, MAX_WORDS } from './limits.ts';

/** A tree; or what is too much about the text, and where it became so (offset in the text). */
export type Bounded =
  | { readonly ok: true; readonly document: yaml.Document.Parsed }
  | { readonly ok: false; readonly offset: number; readonly message: string };

/** Parses a text, in time that is linear in its length. Never throws. @param lines learns where lines begin */
export function parseBounded(source: string, lines: yaml.LineCounter): Bounded {
  const tokens: yaml.CST.Token[] = [];
  const parser = new yaml.Parser(lines.addNewLine);
  lines.addNewLine(0);
  const refuse = (message: string): Bounded => ({ ok: false, offset: parser.offset, message });
  if (source.length > MAX_FILE_BYTES) return refuse('is larger than 1 MB');
  let words = 0;
  for (const word of new yaml.Lexer().lex(source)) {
    if (++words > MAX_WORDS) return refuse(`holds more than ${MAX_WORDS} words, brackets, colons and line ends`);
    for (const token of parser.next(word)) tokens.push(token);
    if (parser.stack.length > MAX_NESTING) return refuse('is nested too deeply');
  }
  for (const token of parser.end()) tokens.push(token);
  // The library would compare each key with all before it; the reader looks for duplicates with a set.
  const composer = new yaml.Composer({ lineCounter: lines, prettyErrors: false, logLevel: 'error', uniqueKeys: false });
  const [document, second] = composer.compose(tokens, true, source.length);
  if (document === undefined) return refuse('is empty');
  if (second !== undefined) {
    const [start, end] = second.range;
    document.errors.push(new yaml.YAMLParseError([start, end], 'MULTIPLE_DOCS', 'a second document'));
  }
  return { ok: true, document };
}
