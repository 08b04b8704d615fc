/** An admin socket without a socket around a node that is only numbers. */
import { type AdminOptions, createAdmin, plainRequest, type Sender, signedRequest } from '../../src/admin/index.ts';
import { asMap, type Bencode, type BencodeMap, getText, parseBencode, silent, utf8 } from '../../src/base/index.ts';
import { loadNodeBackend } from '../../src/crypto/index.ts';
import { fakeNode, handClock } from './fake-node.ts';

export const crypto = await loadNodeBackend();
export const FROM: Sender = { host: '127.0.0.1', port: 4000 };
const NOW_SECONDS = 1_700_000_000;

/** What a datagram says; nothing if there is none. */
export function mapOf(datagram: Uint8Array | null): BencodeMap {
  return asMap(datagram === null ? null : parseBencode(datagram)?.value) ?? new Map<string, Bencode>();
}

export function setUp(change: Partial<AdminOptions> = {}) {
  const clock = handClock();
  const stops: string[] = [];
  const pushed: { readonly to: Sender; readonly map: BencodeMap }[] = [];
  const admin = createAdmin({
    node: fakeNode(),
    facts: {
      version: '0.1.0',
      pid: 42,
      tun: { name: 'fc0', mtu: 1304 },
      listen: ['udp://0.0.0.0:21000'],
      warnings: () => [],
    },
    crypto,
    clock,
    unixMs: () => NOW_SECONDS * 1000 + clock.nowMs(),
    password: null,
    readonlyPassword: null,
    stop: () => stops.push('stop'),
    log: silent,
    push: (to, datagram) => void pushed.push({ to, map: mapOf(datagram) }),
    ...change,
  });
  /** The reply as it goes out; null if there is none. */
  async function exchange(datagram: Uint8Array, from: Sender = FROM): Promise<Uint8Array | null> {
    const reply = admin.handle(datagram, from);
    await Promise.resolve();
    return reply;
  }
  async function send(datagram: Uint8Array, from: Sender = FROM): Promise<BencodeMap> {
    return mapOf(await exchange(datagram, from));
  }
  async function call(
    name: string,
    args: Record<string, Bencode> = {},
    password: string | null = null,
    from: Sender = FROM,
  ): Promise<BencodeMap> {
    const question = { name, args: new Map(Object.entries(args)), txid: 'x' };
    if (password === null) return send(plainRequest(question), from);
    const cookie = getText(await send(utf8('d1:q6:cookiee'), from), 'cookie') ?? '';
    return send(signedRequest(question, password, cookie, crypto.sha256), from);
  }
  return { admin, clock, stops, pushed, exchange, send, call };
}
