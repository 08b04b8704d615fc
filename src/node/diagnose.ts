/** What the outside may ask a node about the mesh, each with its time limit; a supernode in use is asked where we fail alone. */
import type { Ip6 } from '../crypto/index.ts';
import type { Event, Router, TooFar } from '../route/index.ts';
import type { Label } from '../wire/index.ts';
import type { AdminQueries } from './admin-queries.ts';
import type {
  AdminAnswer,
  AdminQuery,
  FindResult,
  PingAnswer,
  PingLabelOptions,
  PingOutcome,
  TraceHop,
} from './answers.ts';
import type { CtrlFrames } from './ctrl-frames.ts';
import type { OpenRequests } from './open-requests.ts';
import type { SupernodeEffects } from './supernode-effects.ts';
import type { WorkQueue } from './work.ts';

/** What may be asked; nothing of it changes the node. */
export type Diagnose = {
  /** `pn` in a session; finds a path first. @returns null without an answer within `timeoutMs` */
  readonly ping: (target: Ip6, timeoutMs: number) => Promise<PingAnswer | null>;
  /** CTRL PING (or KEYPING) along a label. */
  readonly pingLabel: (label: Label, timeoutMs: number, keyPing?: boolean) => Promise<PingAnswer | null>;
  /** The same, telling what went wrong. @throws MeshError ERR_PING (too much data, a timeout above a minute) */
  readonly tryLabel: (label: Label, options: PingLabelOptions) => Promise<PingOutcome>;
  /** Asks one node something along one label. @returns null without an answer within `timeoutMs` */
  readonly query: (adminQuery: AdminQuery, timeoutMs: number) => Promise<AdminAnswer | null>;
  readonly trace: (target: Ip6, timeoutMs: number) => Promise<readonly TraceHop[] | null>;
  readonly find: (target: Ip6, timeoutMs: number) => Promise<FindResult>;
  /** Why a node that `ping`, `trace` or `find` did not reach can't be reached: it is too far away. Null: nothing like that is known. */
  readonly tooFar: (target: Ip6) => TooFar | null;
};

/** Who answers. */
export type DiagnoseOptions = {
  readonly requests: OpenRequests;
  readonly control: CtrlFrames;
  readonly adminQueries: AdminQueries;
  readonly supernodes: SupernodeEffects;
  readonly router: Router;
  readonly queue: WorkQueue;
};

/** Makes them. */
export function createDiagnose(options: DiagnoseOptions): Diagnose {
  const { requests, control, adminQueries, supernodes, router, queue } = options;

  function ask<Answer>(timeoutMs: number, otherwise: Answer, event: (id: number) => Event): Promise<Answer> {
    return requests.ask(timeoutMs, otherwise, (id) => queue.tell(event(id)));
  }

  return {
    ping: (address, timeoutMs) => {
      const ping = () => ask<PingAnswer | null>(timeoutMs, null, (id) => ({ type: 'pingNode', id, address }));
      return supernodes.assist(address, ping, isNull);
    },
    pingLabel: async (label, timeoutMs, keyPing = false) => {
      const outcome = await control.ping(label, { kind: keyPing ? 'keyPing' : 'ping', timeoutMs });
      return outcome.result === 'pong' ? outcome.answer : null;
    },
    // Async, so that what `ping` throws is a rejection.
    tryLabel: async (label, options) => control.ping(label, options),
    query: (adminQuery, timeoutMs) => adminQueries.ask(adminQuery, timeoutMs),
    trace: (address, timeoutMs) => {
      const trace = () => ask<readonly TraceHop[] | null>(timeoutMs, null, (id) => ({ type: 'trace', id, address }));
      return supernodes.assist(address, trace, isNull);
    },
    find: (address, timeoutMs) => {
      const none = notFound(address, timeoutMs);
      const find = () => ask<FindResult>(timeoutMs, none, (id) => ({ type: 'find', id, address }));
      return supernodes.assist(address, find, ({ found }) => !found);
    },
    tooFar: (address) => router.tooFar(address),
  };
}

function isNull(answer: unknown): boolean {
  return answer === null;
}

function notFound(address: Ip6, elapsedMs: number): FindResult {
  return { found: false, address, key: null, label: null, hops: null, queries: 0, elapsedMs };
}
