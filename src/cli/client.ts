/** The admin API from the command line: one question, one answer, each over a socket of its own. Source: protocol 10. */
import { createHash } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { DgramAsPromised, type SocketAsPromised } from 'dgram-as-promised';
import { plainRequest, type Question, signedRequest } from '../admin/index.ts';
import {
  asMap,
  type Bencode,
  type BencodeMap,
  getInt,
  getList,
  getText,
  MeshError,
  parseBencode,
  utf8,
} from '../base/index.ts';

/** Where the daemon answers and with which password; null = `NONE`. */
export type AdminAddress = { readonly host: string; readonly port: number; readonly password: string | null };

/** A quick function is asked again after each of these waits: datagrams get lost, even here under load. */
const TRIES_MS = [500, 1000, 2000] as const;
/** What a slow function may take on top of its own timeout. */
const MARGIN_MS = 2000;
/** Pages read at most; the daemon has no table that needs more. */
const MAX_PAGES = 4096;

/** Arguments of a call: texts and integers. */
export type Arguments = Readonly<Record<string, string | number | undefined>>;

/** Asks one daemon. */
export class AdminClient {
  readonly #at: AdminAddress;
  #count = 0;

  constructor(at: AdminAddress) {
    this.#at = at;
  }

  /**
   * Calls a function.
   * @param timeoutMs how long the function itself may take; it gets it as its `timeout`. Omitted: a quick one
   * @throws MeshError ERR_NO_DAEMON (nobody answers), ERR_ADMIN_PASSWORD, ERR_ANSWER (the function says it failed)
   */
  async call(name: string, args: Arguments = {}, timeoutMs: number | null = null): Promise<BencodeMap> {
    const values = new Map<string, Bencode>();
    for (const [key, value] of Object.entries({ ...args, timeout: timeoutMs ?? undefined })) {
      if (value !== undefined) values.set(key, typeof value === 'number' ? BigInt(Math.round(value)) : utf8(value));
    }
    // A slow function is asked once, after a quick one has proved that somebody is there.
    if (timeoutMs !== null && this.#at.password === null) await this.#ask('ping', new Map(), TRIES_MS);
    const reply = await this.#ask(name, values, timeoutMs === null ? TRIES_MS : [timeoutMs + MARGIN_MS]);
    return this.#checked(reply);
  }

  /** All entries of a function that answers page by page. */
  async list(name: string, field: string): Promise<readonly BencodeMap[]> {
    const entries: BencodeMap[] = [];
    for (let page = 0; page < MAX_PAGES; page++) {
      const reply = await this.call(name, { page });
      for (const entry of getList(reply, field) ?? []) {
        const map = asMap(entry);
        if (map !== null) entries.push(map);
      }
      if (getInt(reply, 'more') === null) break;
    }
    return entries;
  }

  #checked(reply: BencodeMap): BencodeMap {
    const error = getText(reply, 'error') ?? 'none';
    if (error === 'none') return reply;
    if (error === 'Auth failed.') {
      throw new MeshError(
        'ERR_ADMIN_PASSWORD',
        'the daemon does not accept the admin password',
        'Name the configuration it runs with: --config FILE',
      );
    }
    if (error.startsWith('No functions matched')) {
      const remedy = 'Name the configuration it runs with (--config FILE, may need sudo), or update the daemon.';
      throw new MeshError(
        'ERR_ADMIN_PASSWORD',
        'the daemon wants the admin password for this, or is too old to know it',
        remedy,
      );
    }
    throw new MeshError('ERR_ANSWER', error);
  }

  /** @param triesMs how long to wait for an answer, for each try */
  async #ask(name: string, args: ReadonlyMap<string, Bencode>, triesMs: readonly number[]): Promise<BencodeMap> {
    const { password } = this.#at;
    for (const waitMs of triesMs) {
      const question: Question = { name, args, txid: `${process.pid}.${++this.#count}` };
      if (password === null || name === 'cookie') {
        const reply = await this.#exchange(plainRequest(question), question.txid, waitMs);
        if (reply !== null) return reply;
        continue;
      }
      const cookie = getText(await this.#ask('cookie', new Map(), TRIES_MS), 'cookie') ?? '';
      const reply = await this.#exchange(signedRequest(question, password, cookie, sha256), question.txid, waitMs);
      if (reply !== null) return reply;
    }
    throw this.#nobody();
  }

  /** One datagram there and one back; null if none comes in time. @throws MeshError ERR_NO_DAEMON if the port is closed */
  async #exchange(datagram: Uint8Array, txid: string, waitMs: number): Promise<BencodeMap | null> {
    const { host, port } = this.#at;
    const { address, family } = await lookup(host).catch(() => {
      throw new MeshError('ERR_NO_DAEMON', `the host ${host} is not known`, 'Check the address given with --admin.');
    });
    const socket = DgramAsPromised.createSocket(family === 6 ? 'udp6' : 'udp4');
    const timer = setTimeout(() => void closed(socket), waitMs);
    try {
      // Connected, so that a closed port is an error at once and not a timeout.
      socket.socket.connect(port, address);
      await once(socket.socket, 'connect');
      const first = socket.recv();
      socket.socket.send(datagram);
      for (let packet = await first; packet !== undefined; packet = await socket.recv()) {
        const map = asMap(parseBencode(packet.msg)?.value);
        if (map !== null && getText(map, 'txid') === txid) return map;
      }
      return null;
    } catch {
      throw this.#nobody();
    } finally {
      clearTimeout(timer);
      await closed(socket);
    }
  }

  #nobody(): MeshError {
    const { host, port } = this.#at;
    const at = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    return new MeshError('ERR_NO_DAEMON', `no daemon answers at ${at}; start it with: fcmesh up`);
  }
}

/** Closes a socket that may be closed already. */
async function closed(socket: SocketAsPromised): Promise<void> {
  await socket.close().catch(() => undefined);
}

function sha256(message: Uint8Array): Uint8Array {
  return createHash('sha256').update(message).digest();
}
