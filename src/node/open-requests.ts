/** Questions from the outside that are answered later: each gets a number, an answer or a time-out. */
import type { Clock, Timer } from '../base/index.ts';
import { MAX_OPEN } from './limits.ts';

type Open = { readonly answer: (value: unknown) => void; readonly otherwise: unknown; readonly timer: Timer };

/** Open questions by number. */
export class OpenRequests {
  readonly #clock: Clock;
  readonly #open = new Map<number, Open>();
  #next = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Opens a question.
   * @param ask sends it, given its number
   * @param otherwise the answer when none comes within `timeoutMs`
   */
  ask<Answer>(timeoutMs: number, otherwise: Answer, ask: (id: number) => void): Promise<Answer> {
    if (this.#open.size >= MAX_OPEN) return Promise.resolve(otherwise);
    const id = this.#next++;
    return new Promise((resolve) => {
      const timer = this.#clock.after(timeoutMs, () => this.answer(id, otherwise));
      this.#open.set(id, { answer: (value) => resolve(value as Answer), otherwise, timer });
      ask(id);
    });
  }

  /** Answers question `id`; unknown numbers are ignored. */
  answer(id: number, value: unknown): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    open.timer.cancel();
    open.answer(value);
  }

  /** Leaves all questions to their time-outs' answers at once. */
  close(): void {
    for (const [id, open] of [...this.#open]) this.answer(id, open.otherwise);
  }
}
