/**
 * The shapes of meshes that routing is judged by, as graphs with latencies. All are connected and follow from the seed.
 *
 *   line, ring, grid   5 ms a link
 *   ba2                preferential attachment, two links per new node, 10-150 ms by distance: the internet
 *   geo8               random geometric, mean degree 8, 1-5 ms by distance: the roofs of a city
 *   ws                 ring with k = 6 (1-5 ms), 10 % rewired to 10-150 ms: neighbourhoods with friends elsewhere
 *   hier               villages of 20 (geometric, mean degree 6, 1-5 ms), each with 3 long links (10-150 ms by distance)
 */
import { createSeededRng, type SeededRng } from './seeded-rng.ts';

/** Names of the shapes. */
export const TOPOLOGIES = ['line', 'ring', 'grid', 'ba2', 'geo8', 'ws', 'hier'] as const;
export type Topology = (typeof TOPOLOGIES)[number];

/** One link; `a` dials `b`. Links stand in the order in which they are made, which gives the interface numbers. */
export type Edge = { readonly a: number; readonly b: number; readonly latencyMs: number };

/** A mesh before it lives. Nodes are numbers from 0. */
export type Graph = { readonly size: number; readonly edges: readonly Edge[] };

const PLAIN_MS = 5;
const VILLAGE = 20;
const LONG_LINKS = 3;
/** Radio links and long lines, shortest and longest. */
const NEAR_MS = [1, 5] as const;
const FAR_MS = [10, 150] as const;
/** The longest distance in the unit square. */
const DIAGONAL = Math.SQRT2;

type Point = readonly [number, number];

/** Draws a mesh of `size` nodes. */
export function makeTopology(name: Topology, size: number, seed: number): Graph {
  const rng = createSeededRng(seed, 0x746f);
  const builder = new Builder(size);
  if (name === 'line' || name === 'ring') chain(builder, name === 'ring');
  else if (name === 'grid') grid(builder);
  else if (name === 'ba2') preferential(builder, rng, 2);
  else if (name === 'geo8') geometric(builder, rng, 0, size, 8);
  else if (name === 'ws') smallWorld(builder, rng, 6, 0.1);
  else villages(builder, rng);
  return builder;
}

class Builder implements Graph {
  readonly size: number;
  readonly edges: Edge[] = [];
  readonly neighbours: Set<number>[];

  constructor(size: number) {
    this.size = size;
    this.neighbours = Array.from({ length: size }, () => new Set<number>());
  }

  /** False if the link would join a node with itself or exists. */
  link(a: number, b: number, latencyMs: number): boolean {
    if (a === b || this.neighbours[a]?.has(b) !== false) return false;
    this.neighbours[a]?.add(b);
    this.neighbours[b]?.add(a);
    this.edges.push({ a, b, latencyMs });
    return true;
  }
}

function chain(builder: Builder, closed: boolean): void {
  for (let node = 1; node < builder.size; node++) builder.link(node, node - 1, PLAIN_MS);
  if (closed && builder.size > 2) builder.link(0, builder.size - 1, PLAIN_MS);
}

function grid(builder: Builder): void {
  const width = Math.ceil(Math.sqrt(builder.size));
  for (let node = 0; node < builder.size; node++) {
    if (node % width > 0) builder.link(node, node - 1, PLAIN_MS);
    if (node >= width) builder.link(node, node - width, PLAIN_MS);
  }
}

function preferential(builder: Builder, rng: SeededRng, perNode: number): void {
  const points = scatter(rng, builder.size);
  // Each link puts both its ends into the urn: drawing from it prefers nodes with many links.
  const urn: number[] = [];
  for (let node = 1; node < builder.size; node++) {
    const wanted = Math.min(perNode, node);
    for (let made = 0; made < wanted; ) {
      const other = urn.length === 0 ? 0 : (urn[rng.below(urn.length)] as number);
      if (!builder.link(node, other, farMs(points, node, other))) continue;
      made++;
      urn.push(node, other);
    }
  }
}

function geometric(builder: Builder, rng: SeededRng, first: number, count: number, degree: number): void {
  const points = scatter(rng, count);
  const radius = Math.sqrt(degree / (Math.PI * Math.max(1, count - 1)));
  const pairs: [number, number, number][] = [];
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < a; b++) {
      const distance = distanceOf(points, a, b);
      if (distance <= radius) pairs.push([a, b, distance]);
    }
  }
  // Whoever puts up an antenna meets the neighbours in no order of distance.
  for (const [a, b, distance] of rng.shuffle(pairs)) {
    builder.link(first + a, first + b, between(NEAR_MS, distance / radius));
  }
  joinParts(builder, first, points, radius);
}

/** Links each part to the nearest node of another until all are connected: a lone roof finds somebody. */
function joinParts(builder: Builder, first: number, points: readonly Point[], radius: number): void {
  for (;;) {
    const part = reachable(builder, first);
    let best: [number, number, number] | null = null;
    for (let a = 0; a < points.length; a++) {
      if (!part.has(first + a)) continue;
      for (let b = 0; b < points.length; b++) {
        if (part.has(first + b)) continue;
        const distance = distanceOf(points, a, b);
        if (best === null || distance < best[2]) best = [a, b, distance];
      }
    }
    if (best === null) return;
    builder.link(first + best[0], first + best[1], between(NEAR_MS, Math.min(1, best[2] / radius)));
  }
}

function smallWorld(builder: Builder, rng: SeededRng, k: number, rewired: number): void {
  const { size } = builder;
  for (let node = 0; node < size; node++) {
    for (let step = 1; step <= k / 2; step++) {
      if (rng.fraction() < rewired) {
        while (!builder.link(node, rng.below(size), between(FAR_MS, rng.fraction())));
      } else builder.link(node, (node + step) % size, between(NEAR_MS, rng.fraction()));
    }
  }
}

function villages(builder: Builder, rng: SeededRng): void {
  const count = Math.ceil(builder.size / VILLAGE);
  const centres = scatter(rng, count);
  const sizeOf = (village: number): number => Math.min(VILLAGE, builder.size - village * VILLAGE);
  for (let village = 0; village < count; village++) geometric(builder, rng, village * VILLAGE, sizeOf(village), 6);
  const long = (from: number, to: number): boolean =>
    builder.link(
      from * VILLAGE + rng.below(sizeOf(from)),
      to * VILLAGE + rng.below(sizeOf(to)),
      farMs(centres, from, to),
    );
  for (let village = 0; village < count && count > 1; village++) {
    // The first one goes to an earlier village, so that all are connected.
    if (village > 0) while (!long(village, rng.below(village)));
    for (let made = village > 0 ? 1 : 0; made < LONG_LINKS; ) {
      const other = rng.below(count);
      if (other !== village && long(village, other)) made++;
    }
  }
}

/** Nodes that can be reached from `start`. */
export function reachable(graph: { readonly neighbours: readonly ReadonlySet<number>[] }, start: number): Set<number> {
  const seen = new Set([start]);
  for (const node of seen) for (const next of graph.neighbours[node] ?? []) seen.add(next);
  return seen;
}

function scatter(rng: SeededRng, count: number): Point[] {
  return Array.from({ length: count }, () => [rng.fraction(), rng.fraction()] as const);
}

function distanceOf(points: readonly Point[], a: number, b: number): number {
  const [ax, ay] = points[a] ?? [0, 0];
  const [bx, by] = points[b] ?? [0, 0];
  return Math.hypot(ax - bx, ay - by);
}

function farMs(points: readonly Point[], a: number, b: number): number {
  return between(FAR_MS, distanceOf(points, a, b) / DIAGONAL);
}

function between([low, high]: readonly [number, number], share: number): number {
  return low + (high - low) * share;
}
