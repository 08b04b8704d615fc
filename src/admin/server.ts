/**
 * The admin socket without a socket: datagrams in, datagrams out. Source: protocol 10 §1.
 * Refuses: requests above 2048 bytes, wrong or used cookies, calls beyond the caller's rights, too many at a time.
 */
import {
  asMap,
  type Bencode,
  type BencodeMap,
  BoundedMap,
  getBytes,
  getInt,
  getMap,
  getText,
  type Logger,
  latin1,
  parseBencode,
  utf8,
} from '../base/index.ts';
import type { PasswordLike } from '../crypto/index.ts';
import { isSigned } from './auth.ts';
import { Cookies } from './cookies.ts';
import { type DaemonControl, NO_DAEMON } from './daemon-control.ts';
import { type Access, type AdminFunction, argumentError, type Call, type Context } from './function.ts';
import { FUNCTIONS } from './functions/table.ts';
import { History } from './history.ts';
import { FAILURE_DELAY_MS, MAX_ASYNC_CLIENTS, MAX_DELAYED, MAX_PENDING } from './limits.ts';
import { LogHub, type LogLine } from './log-hub.ts';
import { Pages } from './pages.ts';
import { emitReply, type Reply } from './reply.ts';
import { ASYNC_SILENCE_MS, ERROR, MAX_REPLY_BYTES, MAX_REQUEST_BYTES } from './spec.ts';
import { Throttle } from './throttle.ts';
import { Uploads } from './uploads.ts';

/** What an admin socket needs. */
export type AdminOptions = Pick<Context, 'node' | 'facts' | 'crypto' | 'clock' | 'unixMs' | 'stop'> & {
  /** null: `NONE`, everybody may do everything. */
  readonly password: PasswordLike | null;
  readonly readonlyPassword: PasswordLike | null;
  readonly log: Logger;
  /** Absent: a node without a daemon around it. */
  readonly daemon?: DaemonControl;
  /** Filled by whoever makes it, a sample a second; absent: there is no history. */
  readonly history?: History;
  /** Sends an asynchronous message; absent: there are none. */
  readonly push?: (to: Sender, datagram: Uint8Array) => void;
};

/** Who sent a datagram. */
export type Sender = { readonly host: string; readonly port: number };

/** An admin socket without a socket. */
export type Admin = {
  /** The reply to one datagram, null for none. Never rejects. */
  readonly handle: (datagram: Uint8Array, from: Sender) => Promise<Uint8Array | null>;
  /** An event of the log, for those who subscribed and those who ask later. */
  readonly publish: (line: Omit<LogLine, 'unixMs'>) => void;
  /** Other passwords from the next request on; null as in `AdminOptions`. */
  readonly setPasswords: (password: PasswordLike | null, readonlyPassword: PasswordLike | null) => void;
  /** Log streams there are, for tests and metrics. */
  readonly subscriptions: () => number;
};

const RANK: Readonly<Record<Access, number>> = { anybody: 0, reader: 1, operator: 2 };
const REFUSED = null;
/** Refused, and not even told so. */
const SILENCE = 'silence';

/** Makes the admin socket of one daemon. */
export function createAdmin(options: AdminOptions): Admin {
  const functions = new Map(FUNCTIONS.map((item) => [item.name, item]));
  const lastAuthenticatedMs = new BoundedMap<string, number>(MAX_ASYNC_CLIENTS);
  const isListening = (from: string): boolean =>
    options.clock.nowMs() - (lastAuthenticatedMs.get(from) ?? Number.NEGATIVE_INFINITY) <= ASYNC_SILENCE_MS;
  const logs = new LogHub(isListening);
  const context: Context = {
    daemon: NO_DAEMON,
    history: new History(),
    ...options,
    functions,
    logs,
    cookies: new Cookies(),
    pages: new Pages(),
    uploads: new Uploads(),
  };
  const throttle = new Throttle();
  let { password: fullPassword, readonlyPassword } = options;
  let pending = 0;
  let delayed = 0;

  async function handle(datagram: Uint8Array, sender: Sender): Promise<Uint8Array | null> {
    if (datagram.length > MAX_REQUEST_BYTES) return emitReply({ error: ERROR.tooBig }, null);
    const parsed = parseBencode(datagram);
    const request = asMap(parsed?.value);
    if (request === null || parsed?.length !== datagram.length) return null;
    const query = getText(request, 'q');
    if (query === null) return null;
    const txid = txidOf(request);
    const access = query === 'auth' ? authenticate(datagram, request, sender) : guestAccess();
    if (access === SILENCE) return null;
    if (access === REFUSED) return (await slowDown()) ? emitReply({ error: ERROR.authFailed }, txid) : null;
    const from = `${sender.host}:${sender.port}`;
    if (access !== 'anybody') {
      lastAuthenticatedMs.set(from, options.clock.nowMs());
      lastAuthenticatedMs.touch(from);
    }
    const push = (message: Reply): void => {
      if (isListening(from)) options.push?.(sender, emitReply(message, txid));
    };
    const name = query === 'auth' ? getText(request, 'aq') : query;
    const reply = await call(functions.get(name ?? ''), access, {
      context,
      args: getMap(request, 'args') ?? new Map(),
      from,
      isAsync: isListening(from),
      push,
    });
    const bytes = emitReply(reply, txid);
    return bytes.length <= MAX_REPLY_BYTES ? bytes : emitReply({ error: 'the reply is too large' }, txid);
  }

  function guestAccess(): Access {
    return fullPassword === null ? 'operator' : 'anybody';
  }

  function authenticate(
    datagram: Uint8Array,
    request: BencodeMap,
    sender: Sender,
  ): Access | typeof REFUSED | typeof SILENCE {
    if (fullPassword === null) return 'operator';
    const nowSeconds = Math.floor(options.unixMs() / 1000);
    const nowMs = options.clock.nowMs();
    const cookie = cookieOf(request);
    if (cookie === null || !context.cookies.isGood(latin1(cookie), nowSeconds)) return REFUSED;
    const access = accessBy(datagram, request, cookie, fullPassword);
    if (access === REFUSED) {
      if (!throttle.failed(sender.host, nowMs)) return SILENCE;
      options.log.warn('admin.auth_failed', { from: sender.host });
      return REFUSED;
    }
    return context.cookies.spend(latin1(cookie), nowSeconds) ? access : REFUSED;
  }

  function accessBy(
    datagram: Uint8Array,
    request: BencodeMap,
    cookie: Uint8Array,
    password: PasswordLike,
  ): Access | typeof REFUSED {
    const { sha256 } = options.crypto;
    // Both are tried always, so that the time does not tell which one came close.
    const full = isSigned(datagram, request, password, cookie, sha256);
    const readonly = isSigned(datagram, request, readonlyPassword ?? password, cookie, sha256);
    return full ? 'operator' : readonly ? 'reader' : REFUSED;
  }

  /** Lets a refused caller wait. @returns false if too many wait already: no answer at all then */
  async function slowDown(): Promise<boolean> {
    if (delayed >= MAX_DELAYED) return false;
    delayed++;
    await new Promise<void>((resolve) => {
      options.clock.after(FAILURE_DELAY_MS, resolve);
    });
    delayed--;
    return true;
  }

  async function call(item: AdminFunction | undefined, access: Access, request: Call): Promise<Reply> {
    if (item === undefined || RANK[access] < RANK[item.access]) return { error: ERROR.noFunction };
    const wrong = argumentError(item.args, request.args);
    if (wrong !== null) return { error: wrong };
    if (pending >= MAX_PENDING) return { error: 'too many requests are waiting for an answer' };
    pending++;
    try {
      return await item.run(request);
    } catch (error) {
      // A mistake of ours, not of the caller: it must not end the daemon.
      options.log.error('admin.function_failed', {
        function: item.name,
        reason: error instanceof Error ? error.message : 'unknown',
      });
      return { error: 'internal error, see the log of the daemon' };
    } finally {
      pending--;
    }
  }

  return {
    handle,
    publish: (line) => logs.publish({ ...line, unixMs: options.unixMs() }, options.clock.nowMs()),
    setPasswords: (password, readonly) => {
      fullPassword = password;
      readonlyPassword = readonly;
    },
    subscriptions: () => {
      logs.expire();
      return logs.size;
    },
  };
}

/** A copy: it may be needed when the datagram is wiped. */
function txidOf(request: BencodeMap): Bencode | null {
  const txid = request.get('txid');
  return txid instanceof Uint8Array ? txid.slice() : typeof txid === 'bigint' ? txid : null;
}

/** A string or an integer (protocol 10 §1.1). */
function cookieOf(request: BencodeMap): Uint8Array | null {
  const number = getInt(request, 'cookie');
  return number === null ? getBytes(request, 'cookie') : utf8(String(number));
}
