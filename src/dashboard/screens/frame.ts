/** One whole frame: pure, from what is known to lines of the terminal. */

import { shorten } from '../../text/index.ts';
import type { History } from '../history.ts';
import { frameLines } from '../layout.ts';
import { MIN_COLUMNS, MIN_ROWS } from '../limits.ts';
import { BLANK, clipped, type Frame, joined, type Line, line } from '../line.ts';
import type { Model } from '../model.ts';
import { foot } from './foot.ts';
import { head } from './head.ts';
import { helpScreen } from './help.ts';
import { logScreen } from './log.ts';
import { mapScreen } from './map.ts';
import { peerScreen } from './peer.ts';
import { peersScreen } from './peers.ts';
import { routesScreen } from './routes.ts';
import { sessionsScreen } from './sessions.ts';

/** The lines of the terminal, as many as it shows. */
export function frameOf(model: Model, history: History): Frame {
  const { size } = model;
  if (size.columns < MIN_COLUMNS || size.rows < MIN_ROWS) {
    return [line(shorten(`${MIN_COLUMNS}x${MIN_ROWS} needed, this is ${size.columns}x${size.rows}`, size.columns))];
  }
  const below = foot(model);
  const room = frameLines(size) - below.length;
  const above = contents(model, history).slice(0, room);
  while (above.length < room) above.push(BLANK);
  return [...above, ...below].map((one) => joined(clipped(one, size.columns)));
}

/** The lines above the foot, without any to fill the screen. */
export function contents(model: Model, history: History): Line[] {
  const nowS = Math.floor(model.atMs / 1000);
  if (model.screen === 'peer') return [...peerScreen(model, history, nowS)];
  return [...head(model, history, nowS), ...body(model, history, nowS)];
}

function body(model: Model, history: History, nowS: number): readonly Line[] {
  switch (model.screen) {
    case 'sessions':
      return sessionsScreen(model);
    case 'routes':
      return routesScreen(model);
    case 'map':
      return mapScreen(model);
    case 'log':
      return logScreen(model);
    case 'help':
      return helpScreen();
    default:
      return peersScreen(model, history, nowS);
  }
}
