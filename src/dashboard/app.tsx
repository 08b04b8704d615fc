/** The dashboard in Ink: one row for each line of the frame, keys to the store. */
import { Box, Text, useApp, useInput, useStdout } from 'ink';
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { keysOf } from './key-names.ts';
import type { Size } from './layout.ts';
import { MAX_COLUMNS, MAX_ROWS } from './limits.ts';
import { Row } from './row.tsx';
import { frameOf } from './screens/frame.ts';
import type { Store } from './store.ts';
import { greyed, type Theme } from './theme.ts';

/** What a terminal without a size is taken for. */
const DEFAULT_SIZE: Size = { columns: 80, rows: 24 };
const CLEAR = '\u001b[2J\u001b[H';
/** A window that is being dragged changes its size many times; the frame is drawn when that is over. */
const RESIZE_MS = 50;

type AppProps = { readonly store: Store; readonly theme: Theme; readonly nowMs: () => number };

/** The whole screen. Ends Ink when the model says `quit`. */
export function App({ store, theme, nowMs }: AppProps) {
  const model = useSyncExternalStore(store.subscribe, store.get);
  const isBlank = useResize(store);
  const { exit } = useApp();
  useInput((input, key) => {
    for (const name of keysOf(input, key)) store.press(name, nowMs());
  });
  useEffect(() => {
    if (model.quit) exit();
  }, [model.quit, exit]);
  const grey = useMemo(() => greyed(theme), [theme]);
  const frame = useMemo(() => frameOf(model, store.history), [model, store]);
  if (isBlank) return <Text> </Text>;
  return (
    <Box flexDirection="column">
      {frame.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is a place on the screen
        <Row key={index} line={line} theme={model.goneSinceMs === null ? theme : grey} />
      ))}
    </Box>
  );
}

/** Follows the size of the terminal. @returns whether nothing is to be drawn right now */
function useResize(store: Store): boolean {
  const { stdout } = useStdout();
  const [isBlank, setBlank] = useState(false);
  useEffect(() => {
    let timer: NodeJS.Timeout | undefined;
    const resized = () => {
      // Terminals move what is on the screen in ways of their own: begin with an empty one.
      setBlank(true);
      clearTimeout(timer);
      timer = setTimeout(() => {
        stdout.write(CLEAR);
        store.take({ type: 'resize', size: sizeOf(stdout) });
        setBlank(false);
      }, RESIZE_MS);
    };
    stdout.on('resize', resized);
    return () => {
      clearTimeout(timer);
      stdout.off('resize', resized);
    };
  }, [stdout, store]);
  return isBlank;
}

/** The size of a terminal, within what is drawn. */
export function sizeOf(stdout: { readonly columns?: number; readonly rows?: number }): Size {
  const { columns = DEFAULT_SIZE.columns, rows = DEFAULT_SIZE.rows } = stdout;
  return {
    columns: Math.min(columns || DEFAULT_SIZE.columns, MAX_COLUMNS),
    rows: Math.min(rows || DEFAULT_SIZE.rows, MAX_ROWS),
  };
}
