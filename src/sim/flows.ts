/** Traffic of programs: each flow asks the other end something at a fixed rate, and the other end answers. */
import type { Timer } from '../base/index.ts';
import { markedPayload, readMark, readUserPacket } from './user-packet.ts';
import type { World } from './world.ts';

/** Bytes of a question or answer, unless another size is wanted. */
const PAYLOAD_BYTES = 32;
/** Round trips remembered per flow, as times of sending. */
const REMEMBERED = 4096;

/** One flow and what came of it. Times are virtual ms. */
export type Flow = {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  /** Payload of a question, and of its answer. */
  readonly bytes: number;
  readonly beganMs: number;
  sent: number;
  answered: number;
  /** Arrival of the first answer. */
  firstAnswerMs: number | null;
  /** When the newest question that was answered had been sent, and when its answer came. */
  lastGoodSentMs: number;
  lastGoodMs: number;
};

type Live = Flow & { readonly sentMs: Float64Array; timer: Timer | null };

/** All flows of a world; takes over `world.onUserPacket`. */
export class Flows {
  readonly #world: World;
  readonly #flows: Live[] = [];

  constructor(world: World) {
    this.#world = world;
    world.onUserPacket = (host, packet) => this.#arrived(host, packet);
  }

  /** Begins to ask every `intervalMs`, at once for the first time, with `bytes` of payload. */
  begin(from: number, to: number, intervalMs: number, bytes = PAYLOAD_BYTES): Flow {
    const beganMs = this.#world.clock.nowMs();
    const flow: Live = {
      id: this.#flows.length,
      from,
      to,
      bytes,
      beganMs,
      sent: 0,
      answered: 0,
      firstAnswerMs: null,
      lastGoodSentMs: Number.NEGATIVE_INFINITY,
      lastGoodMs: Number.NEGATIVE_INFINITY,
      sentMs: new Float64Array(REMEMBERED),
      timer: null,
    };
    this.#flows.push(flow);
    this.#ask(flow, intervalMs);
    return flow;
  }

  end(flow: Flow): void {
    this.#flows[flow.id]?.timer?.cancel();
  }

  #ask(flow: Live, intervalMs: number): void {
    const { clock } = this.#world;
    const sequence = flow.sent++;
    flow.sentMs[sequence % REMEMBERED] = clock.nowMs();
    const payload = markedPayload({ flow: flow.id, sequence, answer: false }, flow.bytes);
    this.#world.sendUser(flow.from, flow.to, payload);
    flow.timer = clock.after(intervalMs, () => this.#ask(flow, intervalMs));
  }

  #arrived(host: number, packet: Uint8Array): void {
    const user = readUserPacket(packet);
    const mark = user === null ? null : readMark(user.payload);
    const source = user === null ? null : this.#world.hostOf(user.source);
    const flow = mark === null ? undefined : this.#flows[mark.flow];
    if (mark === null || source === null || flow === undefined) return;
    if (!mark.answer) {
      this.#world.sendUser(host, source, markedPayload({ ...mark, answer: true }, flow.bytes));
      return;
    }
    if (host !== flow.from || source !== flow.to) return;
    const nowMs = this.#world.clock.nowMs();
    flow.answered++;
    flow.firstAnswerMs ??= nowMs;
    flow.lastGoodMs = nowMs;
    flow.lastGoodSentMs = Math.max(flow.lastGoodSentMs, flow.sentMs[mark.sequence % REMEMBERED] ?? 0);
  }
}
