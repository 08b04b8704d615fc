import { Password } from '../../src/crypto/index.ts';

/** The same with passwords as text: a comparison of boxes sees nothing of what is in them. */
// biome-ignore lint/suspicious/noExplicitAny: what is compared with a literal
export function revealed(value: unknown): any {
  if (value instanceof Password) return value.revealText();
  if (Array.isArray(value)) return value.map(revealed);
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]));
}
