/** The transcripts of protocol 02, byte for byte: once through the pure machine, once through Association and table. */

import t, { type Test } from 'tap';
import { type Rng, toHex } from '../../src/base/index.ts';
import { createDataTable, type Opened } from '../../src/channel/index.ts';
import { acceptStock, createStockWindow, type StockWindow } from '../../src/channel/replay-stock.ts';
import { loadNobleBackend, parseIp6, type SecretKey } from '../../src/crypto/index.ts';
import { Association } from '../../src/cryptoauth/association.ts';
import { createCredentials, Users } from '../../src/cryptoauth/index.ts';
import { sharedPoint } from '../../src/cryptoauth/keys.ts';
import {
  type Context,
  checkTimeouts,
  type Effect,
  type Environment,
  initialState,
  open,
  reset,
  type State,
  seal,
  stateNumber,
} from '../../src/cryptoauth/machine.ts';
import { STATE_NUMBER } from '../../src/cryptoauth/spec.ts';
import { hex, vectors } from '../support/vectors.ts';
import { fakeSlots, identityFrom, say, sure } from './support.ts';

type Name = 'A' | 'B';
type After = { state: number; next: number; initiator: boolean; dataSecret?: string };
type Step = {
  from?: Name;
  kind?: string;
  authFiller?: string;
  handshakeNonce?: string;
  tempPrivate?: string;
  payload?: string;
  packet?: string;
  lost?: boolean;
  error?: number;
  after?: Record<Name, After>;
  waitSeconds?: number;
  restartOf?: Name;
};
type Login = { password: string; login?: string; ipv6?: string };
type Transcript = {
  name: string;
  usersOfA: Login[];
  usersOfB: Login[];
  credentialsOfA: Login | null;
  credentialsOfB: Login | null;
  authRequiredByA: boolean;
  authRequiredByB: boolean;
  steps: Step[];
};

type File = { parties: Record<Name, { privateKey: string }>; transcripts: Transcript[] };

const file = vectors<File>('cryptoauth');
const crypto = await loadNobleBackend();
const identities = {
  A: identityFrom(crypto, hex(file.parties.A.privateKey)),
  B: identityFrom(crypto, hex(file.parties.B.privateKey)),
};
const KINDS = ['hello', 'repeat hello', 'key', 'repeat key', 'data'];

/** What both forms of the program can do. */
type Side = {
  check(nowMs: number): void;
  seal(payload: Uint8Array, nowMs: number): Uint8Array;
  open(packet: Uint8Array, nowMs: number): Opened;
  restart(nowMs: number): void;
  state(): State;
};

/** Gives out the bytes of the step, in the order documented at `seal` and `sealHandshake`. */
function scripted(): Rng & { script: (step: Step) => void; left: () => number } {
  let queue: Uint8Array[] = [];
  return {
    script: ({ tempPrivate, handshakeNonce, authFiller, packet }) => {
      // Stock draws the filler always, we only where it is seen: without credentials (auth type 0 at byte 4).
      const seen = authFiller !== undefined && packet?.slice(8, 10) === '00';
      const filler = seen ? [hex(authFiller).slice(1, 10)] : [];
      queue = [tempPrivate, handshakeNonce].flatMap((text) => (text === undefined ? [] : [hex(text)])).concat(filler);
    },
    left: () => queue.length,
    bytes: (count) => {
      const next = sure(queue.shift());
      if (next.length !== count) throw new Error(`asked for ${count} bytes, the transcript has ${next.length}`);
      return next;
    },
  };
}

function environmentOf(name: Name, users: Login[], rng: Rng): Environment {
  const table = new Users(crypto);
  for (const [index, { login, password, ipv6 }] of users.entries()) {
    const restrictedTo = ipv6 === undefined ? null : parseIp6(ipv6.replace(/(.{4})(?=.)/g, '$1:'));
    table.add({ login: login ?? `Anon #${index}`, password, name: null, restrictedTo });
  }
  return { crypto, rng, identity: identities[name], users: table, rules: 'stock' };
}

function credentialsOf(given: Login | null) {
  return given === null
    ? null
    : createCredentials(crypto, { login: given.login ?? null, password: say(given.password) });
}

/** The pure machine; the window is the stock one, driven by the effects. */
function pureSide(context: Context): Side {
  let state = initialState(0);
  let window: StockWindow = createStockWindow();
  const perform = (effects: readonly Effect[]) => {
    for (const effect of effects) if (effect.type === 'establish') window = createStockWindow(effect.counter + 1);
  };
  return {
    check: (nowMs) => {
      state = checkTimeouts(state, nowMs).state;
    },
    seal: (payload, nowMs) => {
      const sealed = seal(context, state, payload, nowMs, 'live');
      state = sealed.state;
      return sealed.packet;
    },
    open: (packet, nowMs) => {
      const step = open(context, state, packet, nowMs, (_, counter) => acceptStock(window, counter));
      state = step.state;
      perform(step.effects);
      return step.opened;
    },
    restart: () => {
      state = reset(state).state;
    },
    state: () => state,
  };
}

function associationSide({ credentials, requireAuth, peerKey, ...environment }: Context): Side {
  const table = createDataTable(fakeSlots(), 4, 'stock');
  const association = new Association(environment, table, { peerKey, credentials, requireAuth }, 0);
  return {
    check: (nowMs) => void association.checkTimeouts(nowMs),
    seal: (payload, nowMs) => association.seal(payload, nowMs),
    open: (packet, nowMs) => association.open(packet, nowMs),
    restart: (nowMs) => association.resetHandshake(nowMs),
    state: () => association.state,
  };
}

function observed(state: State): After {
  const { current, handshaking } = state;
  return {
    state: stateNumber(state),
    next: current?.next ?? STATE_NUMBER[handshaking.name],
    initiator: current?.initiator ?? handshaking.name === 'SENT_HELLO',
  };
}

function run(t: Test, transcript: Transcript, sideOf: (context: Context) => Side): void {
  const rngs = { A: scripted(), B: scripted() };
  const side = (name: Name, peer: Name): Side => {
    const environment = environmentOf(name, transcript[`usersOf${name}`], rngs[name]);
    let point: SecretKey | null | undefined;
    return sideOf({
      ...environment,
      peerKey: identities[peer].publicKey,
      mayAnswer: () => true,
      peerPoint: () => {
        point ??= sharedPoint(crypto, environment.identity.privateKey, identities[peer].publicKey);
        return point;
      },
      credentials: credentialsOf(transcript[`credentialsOf${name}`]),
      requireAuth: transcript[`authRequiredBy${name}`],
    });
  };
  const sides = { A: side('A', 'B'), B: side('B', 'A') };
  let nowMs = 0;
  transcript.steps.forEach((step, index) => {
    const label = `step ${index} ${step.kind ?? 'event'}`;
    nowMs += 1000 * (step.waitSeconds ?? 0);
    if (step.restartOf !== undefined) sides[step.restartOf].restart(nowMs);
    if (step.from === undefined || step.packet === undefined) return;
    if (KINDS.includes(step.kind ?? '')) {
      rngs[step.from].script(step);
      const packet = sides[step.from].seal(hex(sure(step.payload)), nowMs);
      t.equal(toHex(packet), step.packet, `${label}: the packet, byte for byte`);
      t.equal(rngs[step.from].left(), 0, `${label}: all random bytes used`);
    }
    if (step.lost !== true) {
      const receiver = sides[step.from === 'A' ? 'B' : 'A'];
      receiver.check(nowMs);
      const opened = receiver.open(hex(step.packet), nowMs);
      t.equal(opened.ok ? 0 : opened.error, step.error, `${label}: error`);
      if (opened.ok && step.payload !== undefined) t.equal(toHex(opened.payload), step.payload, `${label}: payload`);
    }
    for (const name of ['A', 'B'] as const) {
      const expected = sure(step.after)[name];
      const { dataSecret, ...rest } = expected;
      const state = sides[name].state();
      t.same(observed(state), rest, `${label}: state of ${name}`);
      if (dataSecret !== undefined)
        t.equal(state.current?.secret.revealHex(), dataSecret, `${label}: secret of ${name}`);
    }
  });
}

for (const transcript of file.transcripts) {
  t.test(`transcript ${transcript.name}, pure machine`, async (t) => run(t, transcript, pureSide));
  t.test(`transcript ${transcript.name}, association and table`, async (t) => run(t, transcript, associationSide));
}
