/**
 * Paths that visit a node twice. Somebody's answer may come back over one, as when the far end writes to us around two corners;
 * it works, but it costs more than its own beginning, and a switch on the way sees its packets come back by the interface they
 * left by. Such a path is never taken, nor named to others.
 *
 * Known is what the map knows: a relay that never named its peers may hide a loop behind it.
 */
import { SELF_LABEL } from '../../switch/index.ts';
import type { Label } from '../../wire/index.ts';
import type { MapNode, NodeMap } from '../map/map.ts';
import type { Context } from './context.ts';

/** Does a path to `node` pass ourselves, another node twice, or the node itself before its end? */
export function isLoop(map: NodeMap, node: MapNode, label: Label): boolean {
  const { links, rest } = map.decode(label);
  const visited = new Set<MapNode>([map.self]);
  for (const { to } of links) {
    if (visited.has(to)) return true;
    visited.add(to);
  }
  // Read in part, it must not have been there yet.
  return rest !== SELF_LABEL && visited.has(node);
}

/** Forgets the paths to a node that turn out to be loops now that the map knows more, but for the last path that is left. */
export function dropLoops({ map, options }: Context, node: MapNode): void {
  const loops = node.paths.filter((path) => !path.isPeer && isLoop(map, node, path.label));
  if (loops.length === node.paths.length) loops.pop();
  for (const path of loops) {
    options.counters.add('route.loop');
    map.dropPath(node, path);
  }
}
