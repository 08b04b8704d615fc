/**
 * Cookies: the time in seconds, each good once and for 20 s. Source: protocol 10 §1.1; "once" is ours (abuse case A2).
 *
 * Clients treat a cookie as opaque digits. The first one of a second is the time itself, as stock gives it; whoever asks
 * within the same second gets the time followed by six digits, so that nobody spends the cookie of somebody else.
 */
import { MAX_SPENT_COOKIES } from './limits.ts';
import { COOKIE_SECONDS } from './spec.ts';

const SHAPE = /^(\d{10})(\d{6})?$/;
const LAST_SEQUENCE = 999_999;

/** All cookies of one daemon. Times are unix seconds. */
export class Cookies {
  /** Cookie -> the second it is of. Not a `BoundedMap`: evicting one would make it good again, so a full table refuses. */
  readonly #spent = new Map<string, number>();
  #second = -1;
  #sequence = 0;

  /** A cookie that nobody has. */
  issue(nowSeconds: number): string {
    if (nowSeconds !== this.#second) {
      this.#second = nowSeconds;
      this.#sequence = 0;
    } else if (this.#sequence < LAST_SEQUENCE) {
      this.#sequence++;
    }
    const plain = String(nowSeconds);
    const unused = this.#sequence === 0 && !this.#spent.has(plain);
    return unused ? plain : `${plain}${String(this.#sequence).padStart(6, '0')}`;
  }

  /** Is `cookie` of the last 20 s and unspent? */
  isGood(cookie: string, nowSeconds: number): boolean {
    const second = Number(SHAPE.exec(cookie)?.[1] ?? Number.NaN);
    const age = nowSeconds - second;
    return age >= 0 && age <= COOKIE_SECONDS && !this.#spent.has(cookie);
  }

  /** Marks a good cookie as used. @returns false if the table is full: the request must be refused */
  spend(cookie: string, nowSeconds: number): boolean {
    for (const [old, second] of this.#spent) {
      if (nowSeconds - second <= COOKIE_SECONDS) break;
      this.#spent.delete(old);
    }
    if (this.#spent.size >= MAX_SPENT_COOKIES) return false;
    this.#spent.set(cookie, nowSeconds);
    return true;
  }
}
