/** The dashboard as a component: keys to the store, and its frame, as far as it changed, to the terminal. */
import { useApp, useInput, useStdout } from 'ink';
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { keysOf } from './key-names.ts';
import type { Size } from './layout.ts';
import { MAX_COLUMNS, MAX_ROWS, RESIZE_MS } from './limits.ts';
import type { Frame } from './line.ts';
import { CLEAR, changes, type Painted, rowsOf } from './paint.ts';
import { frameOf } from './screens/frame.ts';
import type { Store } from './store.ts';
import { greyed, type Theme } from './theme.ts';

/** What a terminal without a size is taken for. */
const DEFAULT_SIZE: Size = { columns: 80, rows: 24 };

type AppProps = { readonly store: Store; readonly theme: Theme; readonly nowMs: () => number };

/** The whole screen. Ends Ink when the model says `quit`. */
export function App({ store, theme, nowMs }: AppProps) {
  const model = useSyncExternalStore(store.subscribe, store.get);
  const { exit } = useApp();
  useInput((input, key) => {
    for (const name of keysOf(input, key)) store.press(name, nowMs());
  });
  useEffect(() => {
    if (model.quit) exit();
  }, [model.quit, exit]);
  const grey = useMemo(() => greyed(theme), [theme]);
  const frame = useMemo(() => frameOf(model, store.history), [model, store]);
  usePainter(store, frame, model.goneSinceMs === null ? theme : grey, model.size.columns);
  // Ink hears the keys and ends things properly; what it would draw is drawn by the painter.
  return null;
}

/** Keeps the terminal as the frame says, also after its size changed. */
function usePainter(store: Store, frame: Frame, theme: Theme, columns: number): void {
  const { stdout } = useStdout();
  const painted = useRef<Painted>([]);
  useEffect(() => {
    const rows = rowsOf(frame, theme, columns);
    const text = changes(painted.current, rows);
    painted.current = rows;
    if (text !== '') stdout.write(text);
  }, [stdout, frame, theme, columns]);
  useEffect(() => {
    let timer: NodeJS.Timeout | undefined;
    const resized = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        // Terminals move what is on the screen in ways of their own: begin with an empty one.
        stdout.write(CLEAR);
        painted.current = [];
        store.take({ type: 'resize', size: sizeOf(stdout) });
      }, RESIZE_MS);
    };
    stdout.on('resize', resized);
    return () => {
      clearTimeout(timer);
      stdout.off('resize', resized);
    };
  }, [stdout, store]);
}

/** The size of a terminal, within what is drawn. */
export function sizeOf(stdout: { readonly columns?: number; readonly rows?: number }): Size {
  const { columns = DEFAULT_SIZE.columns, rows = DEFAULT_SIZE.rows } = stdout;
  return {
    columns: Math.min(columns || DEFAULT_SIZE.columns, MAX_COLUMNS),
    rows: Math.min(rows || DEFAULT_SIZE.rows, MAX_ROWS),
  };
}
