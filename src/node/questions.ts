/** What the outside may ask a node about the mesh, each with its time limit; a supernode in use is asked where we fail alone. */
import type { Ip6 } from '../crypto/index.ts';
import type { Event } from '../route/index.ts';
import type { Commands } from './commands.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Inquiries } from './inquiries.ts';
import type { FindResult, NodeControl, PingAnswer, TraceHop } from './inspect.ts';
import type { SupernodePlane } from './supernode-plane.ts';

/** Who answers. */
export type QuestionsOptions = {
  readonly commands: Commands;
  readonly control: ControlPlane;
  readonly inquiries: Inquiries;
  readonly supernodes: SupernodePlane;
  readonly route: (event: Event) => void;
};

/** The questions of `NodeControl`. */
export type Questions = Pick<NodeControl, 'ping' | 'pingLabel' | 'tryLabel' | 'inquire' | 'trace' | 'find'>;

/** Makes them. */
export function createQuestions({ commands, control, inquiries, supernodes, route }: QuestionsOptions): Questions {
  function ask<Answer>(timeoutMs: number, otherwise: Answer, event: (id: number) => Event): Promise<Answer> {
    return commands.ask(timeoutMs, otherwise, (id) => route(event(id)));
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
    inquire: (inquiry, timeoutMs) => inquiries.ask(inquiry, timeoutMs),
    trace: (address, timeoutMs) => {
      const trace = () => ask<readonly TraceHop[] | null>(timeoutMs, null, (id) => ({ type: 'trace', id, address }));
      return supernodes.assist(address, trace, isNull);
    },
    find: (address, timeoutMs) => {
      const none = notFound(address, timeoutMs);
      const find = () => ask<FindResult>(timeoutMs, none, (id) => ({ type: 'find', id, address }));
      return supernodes.assist(address, find, ({ found }) => !found);
    },
  };
}

function isNull(answer: unknown): boolean {
  return answer === null;
}

function notFound(address: Ip6, elapsedMs: number): FindResult {
  return { found: false, address, key: null, label: null, hops: null, queries: 0, elapsedMs };
}
