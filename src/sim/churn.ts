/**
 * Failures: hosts that go off and come back, links that break and heal, at exponentially distributed times; or many at
 * once. The usual figures: nodes up 2 h and down 10 min, links up 6 h and down 5 min.
 */
import { createSeededRng } from './seeded-rng.ts';
import type { World } from './world.ts';

const CHURN_STREAM = 3;
const FAILURE_STREAM = 4;
const MINUTE_MS = 60_000;

/** Mean times of a life and of an absence. */
export type ChurnTimes = {
  readonly nodeUpMs: number;
  readonly nodeDownMs: number;
  readonly linkUpMs: number;
  readonly linkDownMs: number;
};

/** The usual ones. */
export const CHURN: ChurnTimes = {
  nodeUpMs: 120 * MINUTE_MS,
  nodeDownMs: 10 * MINUTE_MS,
  linkUpMs: 360 * MINUTE_MS,
  linkDownMs: 5 * MINUTE_MS,
};

/** Lets hosts and links come and go from now on. @returns ends it; what is down stays down */
export function startChurn(world: World, times: ChurnTimes = CHURN): () => void {
  const { clock, underlay, graph } = world;
  const rng = createSeededRng(world.seed, CHURN_STREAM);
  let going = true;
  const alternate = (upMs: number, downMs: number, change: (up: boolean) => void): void => {
    const turn = (up: boolean): void => {
      if (!going) return;
      change(up);
      clock.after(rng.exponential(up ? upMs : downMs), () => turn(!up));
    };
    clock.after(rng.exponential(upMs), () => turn(false));
  };
  for (let host = 0; host < graph.size; host++) {
    alternate(times.nodeUpMs, times.nodeDownMs, (up) => (up ? world.start(host) : world.stop(host)));
  }
  for (const { a, b } of graph.edges) {
    alternate(times.linkUpMs, times.linkDownMs, (up) => {
      const link = underlay.link(a, b);
      if (link !== null) link.up = up;
    });
  }
  return () => {
    going = false;
  };
}

/** Switches off a share of the running hosts in one instant. @returns their numbers */
export function massFailure(world: World, share: number): Set<number> {
  const alive = [];
  for (let host = 0; host < world.graph.size; host++) if (world.running(host) !== null) alive.push(host);
  const dead = createSeededRng(world.seed, FAILURE_STREAM)
    .shuffle(alive)
    .slice(0, Math.round(alive.length * share));
  for (const host of dead) world.stop(host);
  return new Set(dead);
}
