/**
 * From tones to the terminal. Colour means state and nothing else, and no state is told by colour alone; with
 * `NO_COLOR` the weights (bold, dim, inverse) remain.
 */
import type { Tone } from './line.ts';

/** How a piece of text is drawn. */
export type Style = {
  /** Of the 256 colours. */
  readonly color?: number;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly inverse?: boolean;
};

export type Theme = Readonly<Record<Tone, Style>>;

const WEIGHTS = { plain: {}, strong: { bold: true }, dim: { dim: true }, chosen: { inverse: true } } as const;

/** Each has a contrast of 5 or more to what it stands on; plain yellow on white has 1.1. */
const ON_DARK = { good: { color: 114 }, warn: { color: 221 }, bad: { color: 210 } };
const ON_LIGHT = { good: { color: 22 }, warn: { color: 94 }, bad: { color: 124 } };
/** Where the background is not known: a contrast of about 4 to white and to black. */
const ON_ANY = { good: { color: 28 }, warn: { color: 130 }, bad: { color: 160 } };
const COLOURLESS = { good: {}, warn: { bold: true }, bad: { bold: true } };

/** What the environment says about the terminal. */
export type Surroundings = {
  readonly NO_COLOR?: string | undefined;
  readonly TERM?: string | undefined;
  /** `15;0`: foreground and background of the 16 colours; set by some terminals. */
  readonly COLORFGBG?: string | undefined;
  /** `light` or `dark`: the user's word wins. */
  readonly FCMESH_BACKGROUND?: string | undefined;
};

/** The theme for a terminal. */
export function themeFor(surroundings: Surroundings): Theme {
  if ((surroundings.NO_COLOR ?? '') !== '' || surroundings.TERM === 'dumb') return { ...WEIGHTS, ...COLOURLESS };
  const background = backgroundOf(surroundings);
  return { ...WEIGHTS, ...(background === 'dark' ? ON_DARK : background === 'light' ? ON_LIGHT : ON_ANY) };
}

/** The same with everything grey: the frame is old. What is `strong` says so and stays. */
export function greyed(theme: Theme): Theme {
  const grey: Style = { dim: true };
  return { ...theme, plain: grey, dim: grey, good: grey, warn: grey, bad: grey, chosen: grey };
}

function backgroundOf(surroundings: Surroundings): 'light' | 'dark' | null {
  const said = surroundings.FCMESH_BACKGROUND;
  if (said === 'light' || said === 'dark') return said;
  const background = Number(surroundings.COLORFGBG?.split(';').at(-1) ?? Number.NaN);
  if (Number.isNaN(background)) return null;
  return background === 7 || background === 15 ? 'light' : 'dark';
}
