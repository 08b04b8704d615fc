/** A row of bars. `█` and `▄` are left out: fonts draw them in other widths than the rest. */

const BARS = ['▁', '▂', '▃', '▅', '▆', '▇'] as const;

/**
 * One bar per value; what is not known is a blank.
 * @param high the value of a full bar; values outside of 0 to `high` are drawn as the nearest
 */
export function sparkline(values: readonly (number | null)[], high: number): string {
  return values.map((value) => (value === null ? ' ' : bar(value, high))).join('');
}

/** The top of the scale for values without a natural one: their largest, but not less than `least`. */
export function scaleOf(values: readonly (number | null)[], least: number): number {
  return values.reduce<number>((top, value) => Math.max(top, value ?? 0), least);
}

function bar(value: number, high: number): string {
  const level = Math.round((value / high) * (BARS.length - 1));
  return BARS[Math.min(BARS.length - 1, Math.max(0, level))] ?? ' ';
}
