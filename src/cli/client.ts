/** The admin API from the command line: questions and answers over one socket, so that pages fit together. Source: protocol 10. */
import { createHash } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { DgramAsPromised } from 'dgram-as-promised';
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
import type { PasswordLike } from '../crypto/index.ts';
import { MARGIN_MS, MAX_PAGES } from './limits.ts';

/** Where the daemon answers and with which password; null = `NONE`. */
export type AdminAddress = {
  readonly host: string;
  readonly port: number;
  readonly password: PasswordLike | null;
  /** What to do where the daemon wants a password that we do not have; absent: the usual. */
  readonly remedy?: string;
};

/** A quick function is asked again after each of these waits: datagrams get lost, even here under load. */
const TRIES_MS = [500, 1000, 2000] as const;

/** Arguments of a call: texts and integers. */
export type Arguments = Readonly<Record<string, string | number | Uint8Array | undefined>>;

/** Asks one daemon. */
export class AdminClient {
  readonly #at: AdminAddress;
  readonly #waiting = new Map<string, (reply: BencodeMap | null) => void>();
  #socket: Socket | null = null;
  #count = 0;
  #onStream: ((message: BencodeMap) => void) | null = null;

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
      if (value === undefined) continue;
      values.set(key, typeof value === 'number' ? BigInt(Math.round(value)) : asBytes(value));
    }
    // A slow function is asked once, after a quick one has proved that somebody is there.
    if (timeoutMs !== null && this.#at.password === null) await this.#ask('ping', new Map(), TRIES_MS);
    const reply = await this.#ask(name, values, timeoutMs === null ? TRIES_MS : [timeoutMs + MARGIN_MS]);
    return this.#checked(reply);
  }

  /** Tells `listener` what comes without having been asked for (protocol 10 §1.2), until `close`. */
  listen(listener: (message: BencodeMap) => void): void {
    this.#onStream = listener;
  }

  /** Gives the socket back. Without it a waiting process still ends: the socket does not hold it. */
  close(): void {
    this.#socket?.close();
    this.#socket = null;
  }

  /** All entries of a function that answers page by page. */
  async list(name: string, field: string, args: Arguments = {}): Promise<readonly BencodeMap[]> {
    const entries: BencodeMap[] = [];
    for (let page = 0; page < MAX_PAGES; page++) {
      const reply = await this.call(name, { ...args, page });
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
        'Name the configuration it runs with (--config FILE); after a change of the password, set FCMESH_ADMIN_PASSWORD to the old one.',
      );
    }
    if (error.startsWith('No functions matched')) {
      const usual = 'Name the configuration it runs with (--config FILE, may need sudo), or update the daemon.';
      throw new MeshError(
        'ERR_ADMIN_PASSWORD',
        'the daemon wants the admin password for this, or is too old to know it',
        this.#at.remedy ?? usual,
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
    const socket = await this.#open();
    return new Promise((resolve, reject) => {
      // The timer holds the process while somebody waits, the socket does not.
      const timer = setTimeout(() => settle(null), waitMs);
      const failed = (): void => {
        settle(null);
        this.close();
        reject(this.#nobody());
      };
      const settle = (reply: BencodeMap | null): void => {
        clearTimeout(timer);
        socket.off('error', failed);
        this.#waiting.delete(txid);
        resolve(reply);
      };
      this.#waiting.set(txid, settle);
      socket.once('error', failed);
      socket.send(datagram, (error) => {
        if (error !== null) failed();
      });
    });
  }

  /** Connected, so that a closed port is an error at once and not a timeout. */
  async #open(): Promise<Socket> {
    if (this.#socket !== null) return this.#socket;
    const { host, port } = this.#at;
    const { address, family } = await lookup(host).catch(() => {
      throw new MeshError('ERR_NO_DAEMON', `the host ${host} is not known`, 'Check the address given with --admin.');
    });
    // Its own `recv` keeps nothing between two calls, and pages and streams need that: messages are taken from below.
    const { socket } = DgramAsPromised.createSocket(family === 6 ? 'udp6' : 'udp4');
    socket.connect(port, address);
    await once(socket, 'connect').catch(() => {
      throw this.#nobody();
    });
    socket.unref();
    socket.on('error', () => undefined);
    socket.on('message', (message) => this.#take(message));
    this.#socket = socket;
    return socket;
  }

  #take(message: Uint8Array): void {
    const map = asMap(parseBencode(message)?.value);
    if (map === null) return;
    const waiting = this.#waiting.get(getText(map, 'txid') ?? '');
    if (waiting !== undefined) waiting(map);
    else this.#onStream?.(map);
  }

  #nobody(): MeshError {
    const { host, port } = this.#at;
    const at = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    return new MeshError('ERR_NO_DAEMON', `no daemon answers at ${at}; start it with: fcmesh up`);
  }
}

function asBytes(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? utf8(value) : value;
}

function sha256(message: Uint8Array): Uint8Array {
  return createHash('sha256').update(message).digest();
}
