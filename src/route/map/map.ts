/**
 * What we know of the mesh: nodes, links from parent to child, verified paths. Source: protocol 08 §4 (the idea), §8.
 *
 * Promises: bounded (nodes, hearsay, links, paths); a link is only what its parent listed or a reply proved; nothing of
 * it carries user data, that takes a verified path.
 */
import type { Ip6, PublicKey } from '../../crypto/index.ts';
import { addressKey } from '../../crypto/index.ts';
import {
  type EncodingScheme,
  firstDirector,
  formNumber,
  log2,
  SELF_LABEL,
  smallestDirector,
  V358,
} from '../../switch/index.ts';
import type { Label } from '../../wire/index.ts';
import {
  DEFAULT_LINK_COST_MS,
  HEARSAY_NODES,
  HEARSAY_PER_PARENT,
  LINKS_PER_NODE,
  MAP_NODES,
  PATHS_PER_NODE,
  PINNED_NODES,
  REFRESH_MS,
} from '../limits.ts';
import { type KnownPath, pathCostMs } from './known-path.ts';

/** A link as its parent sees it. */
export type Link = {
  readonly from: MapNode;
  readonly to: MapNode;
  /** Interface of the parent. */
  readonly interfaceNumber: number;
  /** Number of the smallest form that names it in the parent's scheme. */
  form: number;
  /** Number of the form of the child's interface toward the parent; -1 = not known. */
  inverseForm: number;
  /** Null = nobody measured it. */
  costMs: number | null;
  /** Of that for loss, as the link layer says; only of our own links. */
  penaltyMs: number;
  /** Reported broken: not used before this time. */
  downUntilMs: number;
  /** When its other end was asked for its name of it; -Infinity = never. */
  turnedMs: number;
};

/** A node of the mesh; the root is ourselves. */
export type MapNode = {
  readonly id: string;
  readonly key: PublicKey;
  readonly address: Ip6;
  protocol: number;
  scheme: EncodingScheme;
  /** It asked not to be named to others (`dnd`). */
  hidden: boolean;
  readonly links: Link[];
  readonly into: Link[];
  readonly paths: KnownPath[];
  readonly addedMs: number;
  /** Last reply; -Infinity = hearsay. */
  heardMs: number;
  /** When it was asked for its peers; -Infinity = never. */
  expandedMs: number;
  /** After this time it is asked again; longer while its peers stay the same. */
  refreshMs: number;
  /** Interface at which the next page of its peers begins, 0 = from the start; null = never read. */
  nextInterface: number | null;
  /** In the table of contacts. */
  contact: boolean;
  /** A session or a command wants it: not evicted. */
  wanted: boolean;
};

/** A label read along the known links. */
export type Decoded = { readonly links: readonly Link[]; readonly end: MapNode; readonly rest: Label };

/** The graph. */
export class NodeMap {
  readonly self: MapNode;
  readonly #nodes = new Map<string, MapNode>();
  #hearsay = 0;
  /** Changes whenever a shortest path may have changed. */
  version = 0;
  #costSumMs = 0;
  #costCount = 0;

  constructor(key: PublicKey, address: Ip6) {
    this.self = newNode(key, address, 0, 0);
    this.self.heardMs = Number.POSITIVE_INFINITY;
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** Nodes that nobody has heard yet. */
  get hearsay(): number {
    return this.#hearsay;
  }

  get(id: string): MapNode | undefined {
    return this.#nodes.get(id);
  }

  /** All nodes but ourselves, in the order in which they came. */
  nodes(): IterableIterator<MapNode> {
    return this.#nodes.values();
  }

  /** Finds or adds a node; null if there is no room for it. @param heard somebody with this key has answered */
  ensure(key: PublicKey, address: Ip6, protocol: number, heard: boolean, nowMs: number): MapNode | null {
    const id = addressKey(address);
    if (id === this.self.id) return null;
    let node = this.#nodes.get(id);
    if (node === undefined) {
      if (!heard && this.#hearsay >= HEARSAY_NODES && !this.#evict(true)) return null;
      if (this.#nodes.size >= MAP_NODES && !this.#evict(false) && !(heard && this.#nodes.size < PINNED_NODES))
        return null;
      node = newNode(key, address, protocol, nowMs);
      this.#nodes.set(id, node);
      this.#hearsay++;
    }
    if (heard) {
      if (node.heardMs === Number.NEGATIVE_INFINITY) this.#hearsay--;
      node.heardMs = nowMs;
      node.protocol = protocol;
    }
    return node;
  }

  /** Forgets a node and its links; one that was forgotten before may have come again as another. */
  remove(node: MapNode): void {
    if (this.#nodes.get(node.id) !== node) return;
    this.#nodes.delete(node.id);
    if (node.heardMs === Number.NEGATIVE_INFINITY) this.#hearsay--;
    for (const link of [...node.links, ...node.into]) this.unlink(link);
    node.paths.length = 0;
    this.version++;
  }

  /** Takes a node's scheme; links written in another one are void. */
  setScheme(node: MapNode, scheme: EncodingScheme): void {
    if (node.scheme === scheme) return;
    for (const link of [...node.links]) this.unlink(link);
    node.scheme = scheme;
  }

  /**
   * Adds or renews the link behind an interface of `from`; what was there before, if it led elsewhere, is replaced.
   * @returns null if the interface cannot be written in the scheme, or the node has links enough
   */
  link(from: MapNode, interfaceNumber: number, to: MapNode, inverseForm: number): Link | null {
    const old = from.links.find((link) => link.interfaceNumber === interfaceNumber);
    if (old?.to === to) {
      if (inverseForm >= 0 && old.inverseForm !== inverseForm) {
        old.inverseForm = inverseForm;
        this.version++;
      }
      return old;
    }
    const director = smallestDirector(interfaceNumber, from.scheme);
    const form = director === null ? null : formNumber(director.value, from.scheme);
    if (form === null) return null;
    if (old !== undefined) this.unlink(old);
    if (from !== this.self && from.links.length >= LINKS_PER_NODE) return null;
    const link: Link = {
      from,
      to,
      interfaceNumber,
      form,
      inverseForm,
      costMs: null,
      penaltyMs: 0,
      downUntilMs: -1,
      turnedMs: Number.NEGATIVE_INFINITY,
    };
    from.links.push(link);
    to.into.push(link);
    this.version++;
    return link;
  }

  unlink(link: Link): void {
    removeFrom(link.from.links, link);
    removeFrom(link.to.into, link);
    this.version++;
  }

  /** Whether `parent` may bring one more node that nobody has heard: a liar could name any number. */
  mayBring(parent: MapNode): boolean {
    let brought = 0;
    for (const { to } of parent.links) if (to.heardMs === Number.NEGATIVE_INFINITY && to.into.length === 1) brought++;
    return brought < HEARSAY_PER_PARENT;
  }

  /** Follows a label from our own switch as far as links are known; `rest` is 1 if all of it is. */
  decode(label: Label): Decoded {
    const links: Link[] = [];
    let end = this.self;
    let rest = label;
    while (rest > SELF_LABEL && links.length < 16) {
      const director = firstDirector(rest, end.scheme);
      if (director === null || log2(rest) < director.bits) break;
      const link = end.links.find((candidate) => candidate.interfaceNumber === director.number);
      if (link === undefined) break;
      links.push(link);
      end = link.to;
      rest >>= BigInt(director.bits);
    }
    return { links, end, rest };
  }

  /** A reply of `node` over `label` proves its last link if all others are known (protocol 08 §4, "Discovery"). */
  attach(node: MapNode, label: Label, inverseForm: number): void {
    const { links, end, rest } = this.decode(label);
    const last = links.at(-1);
    if (rest === SELF_LABEL && last !== undefined) {
      // Who our own peers are is for the link layer to say.
      if (last.from !== this.self || last.to === node) this.link(last.from, last.interfaceNumber, node, inverseForm);
      return;
    }
    const director = firstDirector(rest, end.scheme);
    if (end === this.self || end === node || director === null || log2(rest) !== director.bits) return;
    this.link(end, director.number, node, inverseForm);
  }

  /** Keeps a verified path; the worst one not in use makes room. */
  addPath(node: MapNode, path: KnownPath, isInUse: (node: MapNode, path: KnownPath) => boolean): void {
    if (node.paths.length >= PATHS_PER_NODE) {
      let worst: KnownPath | null = null;
      for (const known of node.paths) {
        if (known.isPeer || isInUse(node, known)) continue;
        if (worst === null || rank(known) > rank(worst)) worst = known;
      }
      if (worst === null) return;
      removeFrom(node.paths, worst);
    }
    node.paths.push(path);
    this.version++;
  }

  dropPath(node: MapNode, path: KnownPath): void {
    removeFrom(node.paths, path);
    this.version++;
  }

  pathOf(node: MapNode, label: Label): KnownPath | undefined {
    return node.paths.find((path) => path.label === label);
  }

  firstLink(label: Label): Link | undefined {
    const number = firstDirector(label)?.number;
    return this.self.links.find((link) => link.interfaceNumber === number);
  }

  /** What a path costs, for packets of this size. */
  costOf(path: KnownPath, nowMs: number, bytes = 0): number {
    const link = this.firstLink(path.label);
    return pathCostMs(path, { costMs: link?.costMs ?? 0, penaltyMs: link?.penaltyMs ?? 0 }, nowMs, bytes);
  }

  /** What a link nobody measured is taken to cost: the mean of the measured ones. */
  get usualCostMs(): number {
    return this.#costCount === 0 ? DEFAULT_LINK_COST_MS : this.#costSumMs / this.#costCount;
  }

  /** Sets a link's cost; small changes do not disturb computed paths. */
  setCost(link: Link, costMs: number): void {
    const old = link.costMs;
    if (old === null) this.#costCount++;
    this.#costSumMs += costMs - (old ?? 0);
    // A sliding mean: old values fade, and links that are gone need no bookkeeping.
    if (this.#costCount > MAP_NODES) {
      this.#costSumMs /= 2;
      this.#costCount /= 2;
    }
    link.costMs = costMs;
    if (old === null || Math.abs(costMs - old) > old / 10) this.version++;
  }

  #evict(hearsayOnly: boolean): boolean {
    let victim: MapNode | null = null;
    for (const node of this.#nodes.values()) {
      if (node.wanted || node.contact || node.paths.some((path) => path.isPeer)) continue;
      if (hearsayOnly && node.heardMs !== Number.NEGATIVE_INFINITY) continue;
      if (victim === null || value(node) < value(victim)) victim = node;
    }
    if (victim === null) return false;
    this.remove(victim);
    return true;
  }
}

/** Hearsay goes first, oldest first, then what was heard longest ago. */
function value(node: MapNode): number {
  return node.heardMs === Number.NEGATIVE_INFINITY ? node.addedMs - Number.MAX_SAFE_INTEGER : node.heardMs;
}

/** Suspects are the worst, then what is dear. */
function rank(path: KnownPath): number {
  return (path.suspect ? 1e9 : 0) + pathCostMs(path, { costMs: 0, penaltyMs: 0 }, 0, 0);
}

function newNode(key: PublicKey, address: Ip6, protocol: number, nowMs: number): MapNode {
  return {
    id: addressKey(address),
    key,
    address,
    protocol,
    scheme: V358,
    hidden: false,
    links: [],
    into: [],
    paths: [],
    addedMs: nowMs,
    heardMs: Number.NEGATIVE_INFINITY,
    expandedMs: Number.NEGATIVE_INFINITY,
    refreshMs: REFRESH_MS,
    nextInterface: null,
    contact: false,
    wanted: false,
  };
}

function removeFrom<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}
