/** Our own functions that change whom the node talks to, and that take a new configuration over. */

import { type BencodeMap, getBytes, getInt, getText, MeshError, utf8 } from '../../base/index.ts';
import { parsePublicKey } from '../../crypto/index.ts';
import { MAX_ENDPOINTS } from '../../link/index.ts';
import { asEndpoints, type Endpoint, type Endpoints, endpointAt, parsePeerAddress } from '../../underlay/index.ts';
import { NOT_A_NODE, nodeOf, passwordOf } from '../arguments.ts';
import { type AdminFunction, type Call, may, needs } from '../function.ts';
import { MAX_UPLOAD_PARTS, REPORT_LIST_BYTES } from '../limits.ts';
import type { Reply } from '../reply.ts';

export const fcmeshConfig: readonly AdminFunction[] = [
  {
    name: 'Fcmesh_addPeer',
    access: 'operator',
    args: {
      host: may('String'),
      port: may('Int'),
      endpoints: may('String'),
      key: needs('String'),
      password: needs('String'),
      login: may('String'),
      name: may('String'),
      update: may('Int'),
    },
    run: addPeer,
  },
  {
    name: 'Fcmesh_removePeer',
    access: 'operator',
    args: { node: needs('String'), endpoint: may('String') },
    run: (call) => {
      const text = getText(call.args, 'node') ?? '';
      const address = nodeOf(call, 'node');
      const peer = call.context.node.peers().find((one) => address !== null && sameBytes(one.address, address));
      const key = peer?.key ?? parsePublicKey(text);
      if (key === null) return { error: address === null ? NOT_A_NODE : 'no such peer' };
      const removed = call.context.daemon.removePeer(key, getText(call.args, 'endpoint'));
      return removed ? { error: 'none' } : { error: 'no such peer' };
    },
  },
  {
    name: 'Fcmesh_reload',
    access: 'operator',
    args: { id: needs('String'), index: needs('Int'), total: needs('Int'), part: needs('String') },
    run: reload,
  },
];

async function addPeer({ context, args }: Call): Promise<Reply> {
  const endpoints = endpointsOf(args);
  const key = parsePublicKey(getText(args, 'key') ?? '');
  const password = passwordOf(args);
  if (key === null) return { error: 'key is not a public key' };
  if (typeof endpoints === 'string') return { error: endpoints };
  if (password === null) return { error: 'a password has 1 to 64 bytes' };
  const login = getText(args, 'login');
  const name = getText(args, 'name');
  if (!isShort(login) || !isShort(name)) return { error: 'login and name have 1 to 64 bytes on one line' };
  try {
    const update = (getInt(args, 'update') ?? 0n) !== 0n;
    await context.daemon.addPeer({ endpoints, key, login, password, name }, update);
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    return { error: error.message };
  }
  return { error: 'none' };
}

/** `host` and `port`, or `endpoints` with a space between each; or why there are none. */
function endpointsOf(args: BencodeMap): Endpoints | string {
  const text = getText(args, 'endpoints');
  if (text === null) {
    const port = getInt(args, 'port') ?? 0n;
    if (port < 1n || port > 65535n) return 'port must be 1 to 65535';
    return [endpointAt({ host: getText(args, 'host') ?? '', port: Number(port) })];
  }
  if (args.has('host') || args.has('port')) return 'endpoints stand instead of host and port';
  const list = text.split(' ');
  if (list.length > MAX_ENDPOINTS) return `at most ${MAX_ENDPOINTS} endpoints`;
  const read: Endpoint[] = [];
  for (const one of list) {
    const at = parsePeerAddress(one);
    if (at === null) return 'each of the endpoints must be HOST:PORT, with or without its transport';
    read.push(at);
  }
  return asEndpoints(read) ?? 'endpoints are missing';
}

async function reload({ context, args, from }: Call): Promise<Reply> {
  const [index, total] = [getInt(args, 'index') ?? -1n, getInt(args, 'total') ?? 0n];
  if (total < 1n || total > BigInt(MAX_UPLOAD_PARTS) || index < 0n || index >= total) {
    return { error: `index must be below total, and total at most ${MAX_UPLOAD_PARTS}` };
  }
  const id = `${from} ${(getText(args, 'id') ?? '').slice(0, 64)}`;
  const part = getBytes(args, 'part') ?? new Uint8Array();
  const whole = context.uploads.take(id, Number(index), Number(total), part.slice(), context.clock.nowMs());
  part.fill(0); // there may be passwords in it
  if (whole === 'refused') return { error: 'the parts do not fit together, or are too large' };
  if (whole === 'open') return { error: 'none', complete: false };
  try {
    const { applied, restart, warnings } = await context.daemon.reload(whole);
    return {
      error: 'none',
      complete: true,
      applied: shortened(applied),
      restart: shortened(restart),
      warnings: shortened(warnings),
    };
  } catch (error) {
    if (error instanceof MeshError) return { error: error.message };
    throw error;
  }
}

/** As many as fit a reply beside two other lists; the last one says how many are left out. */
function shortened(texts: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let room = REPORT_LIST_BYTES;
  for (const text of texts) {
    // Its length stands before it in bencode.
    room -= utf8(text).length + 8;
    if (room < 0) return [...kept, `... and ${texts.length - kept.length} more`];
    kept.push(text);
  }
  return kept;
}

function isShort(text: string | null): boolean {
  return text === null || (text !== '' && utf8(text).length <= 64 && !/[\p{Cc}\u2028\u2029]/u.test(text));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
