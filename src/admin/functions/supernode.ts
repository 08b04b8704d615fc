/** Supernodes that may be used, and the one that is. Source: protocol 10 §2, 09. What is changed here is not in the file. */
import { equal, getText } from '../../base/index.ts';
import { addressOf, formatPublicKey, type PublicKey, parsePublicKey } from '../../crypto/index.ts';
import { MAX_SUPERNODES } from '../../supernode/index.ts';
import { pageOf } from '../arguments.ts';
import { type AdminFunction, type Call, may, needs } from '../function.ts';
import type { Reply } from '../reply.ts';
import { PER_PAGE } from '../spec.ts';
import { addressText } from './node-reply.ts';

export const supernode: readonly AdminFunction[] = [
  { name: 'SupernodeHunter_status', access: 'anybody', args: {}, run: status },
  { name: 'SupernodeHunter_listSnodes', access: 'anybody', args: { page: may('Int') }, run: list },
  { name: 'SupernodeHunter_addSnode', access: 'operator', args: { key: needs('String') }, run: add },
  { name: 'SupernodeHunter_removeSnode', access: 'operator', args: { key: needs('String') }, run: remove },
];

/** Whoever is used is of the list, always. */
function status({ context }: Call): Reply {
  const { inUse } = context.node.supernodes();
  const activeSnode = inUse === null ? 'NONE' : addressText(inUse);
  return { usingAuthorizedSnode: inUse === null ? 0 : 1, activeSnode, error: 'none' };
}

function list(call: Call): Reply {
  const first = pageOf(call) * PER_PAGE.snodes;
  const { configured } = call.context.node.supernodes();
  return { snodes: configured.slice(first, first + PER_PAGE.snodes).map(formatPublicKey), error: 'none' };
}

function add(call: Call): Reply {
  const { node, crypto } = call.context;
  const key = keyOf(call);
  const { configured } = node.supernodes();
  if (key === null || addressOf(crypto, key) === null) return { error: 'invalid key' };
  if (equal(key, node.inspect().key)) return { error: 'the key of this very node' };
  if (configured.some((one) => equal(one, key))) return { error: 'already in the list' };
  if (configured.length >= MAX_SUPERNODES) return { error: `no more than ${MAX_SUPERNODES} supernodes` };
  node.setSupernodes([...configured, key]);
  return { error: 'none' };
}

function remove(call: Call): Reply {
  const { node } = call.context;
  const key = keyOf(call);
  const { configured } = node.supernodes();
  const left = key === null ? configured : configured.filter((one) => !equal(one, key));
  if (left.length === configured.length) return { error: 'not in the list' };
  node.setSupernodes(left);
  return { error: 'none' };
}

function keyOf({ args }: Call): PublicKey | null {
  return parsePublicKey(getText(args, 'key') ?? '');
}
