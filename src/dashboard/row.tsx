/** A line of a frame in Ink; drawn anew only if it says something else. */
import { Text } from 'ink';
import { memo } from 'react';
import type { Line } from './line.ts';
import type { Theme } from './theme.ts';

type RowProps = { readonly line: Line; readonly theme: Theme };

export const Row = memo(RowText, isSame);

function RowText({ line, theme }: RowProps) {
  // An empty text would take no line at all.
  if (line.length === 0) return <Text> </Text>;
  return (
    <Text wrap="truncate">
      {line.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a line have no other identity than their place
        <Text key={index} {...theme[part.tone]}>
          {part.text}
        </Text>
      ))}
    </Text>
  );
}

function isSame(before: RowProps, after: RowProps): boolean {
  return (
    before.theme === after.theme &&
    before.line.length === after.line.length &&
    before.line.every((part, index) => {
      const other = after.line[index];
      return part.text === other?.text && part.tone === other.tone;
    })
  );
}
