/**
 * The mesh as a tree from here: a node hangs on the one through which its label leads (protocol 05 §3.1), else on the
 * relay that the daemon names.
 */
import { log2 } from '../switch/index.ts';
import { type Label, parseLabel } from '../wire/index.ts';
import type { Route } from './snapshot.ts';

/** A node and those that are reached through it. */
export type Branch = { readonly route: Route; readonly parent: Branch | null; readonly children: Branch[] };

/** The tree of all routes, and the way to find a node in it. */
export type Tree = { readonly roots: readonly Branch[]; readonly of: ReadonlyMap<string, Branch> };

type Known = { readonly route: Route; readonly label: Label; readonly bits: number };

/** Builds the tree; what we are ourselves (label 1) is left out, it is the root. */
export function treeOf(routes: readonly Route[]): Tree {
  const known = routes.map(knownOf).filter((one) => one !== null);
  known.sort((a, b) => a.bits - b.bits);
  const of = new Map<string, Branch>();
  const byLabel = new Map<Label, Branch>();
  const roots: Branch[] = [];
  for (const one of known) {
    const parent = nearestBefore(one, byLabel) ?? of.get(one.route.via ?? '') ?? null;
    const branch: Branch = { route: one.route, parent, children: [] };
    of.set(one.route.id, branch);
    byLabel.set(one.label, branch);
    (parent === null ? roots : parent.children).push(branch);
  }
  return { roots, of };
}

/** The nodes on the way to one, from the first relay to itself; empty if it is not known. */
export function pathTo(tree: Tree, id: string): readonly Route[] {
  const path: Route[] = [];
  for (let branch = tree.of.get(id) ?? null; branch !== null; branch = branch.parent) path.unshift(branch.route);
  return path;
}

/** All branches, each before its children. */
export function flattened(tree: Tree): readonly Branch[] {
  const all: Branch[] = [];
  const visit = (branch: Branch) => {
    all.push(branch);
    branch.children.forEach(visit);
  };
  tree.roots.forEach(visit);
  return all;
}

/** Longest way from the roots to a leaf, in nodes. */
export function depthOf(branches: readonly Branch[]): number {
  return branches.reduce((deepest, branch) => Math.max(deepest, 1 + depthOf(branch.children)), 0);
}

function knownOf(route: Route): Known | null {
  const label = parseLabel(route.label);
  return label === null || label < 2n ? null : { route, label, bits: log2(label) };
}

/** Of the nodes whose label is the beginning of this one, the longest: its last bits, with the mark of the end. */
function nearestBefore(one: Known, byLabel: ReadonlyMap<Label, Branch>): Branch | null {
  for (let bits = one.bits - 1; bits > 0; bits--) {
    const found = byLabel.get((BigInt.asUintN(bits, one.label) | (1n << BigInt(bits))) as Label);
    if (found !== undefined) return found;
  }
  return null;
}
