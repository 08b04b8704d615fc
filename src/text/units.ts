/**
 * Numbers for people: three significant digits, the unit always there, `-` for what is not known (never 0). Flush right,
 * numbers of one column stand under each other by their unit.
 */
import { printable } from './columns.ts';

/** What is not known. */
export const UNKNOWN = '-';

/** `12 ms`, `0.6 ms`, `1.24 s`. */
export function formatMs(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  return ms >= 999.5 ? `${three(ms / 1000)} s` : `${three(ms)} ms`;
}

/** `0.0 %`, `3.1 %`, `100 %`: one decimal always, so that a column of them is calm; a trace of loss is not 0. */
export function formatPercent(percent: number | null): string {
  if (percent === null) return UNKNOWN;
  if (percent > 0 && percent < 0.05) return '<0.1 %';
  return `${percent >= 99.95 ? Math.round(percent) : percent.toFixed(1)} %`;
}

/**
 * `9.8 M/s`: bits per second for a column of a table; in M from 100 kbit/s on, so that a column rarely mixes units.
 * @param bytesPerSecond bytes, as everywhere in our API
 */
export function formatRate(bytesPerSecond: number | null): string {
  return rate(bytesPerSecond, '/s', 1e5);
}

/** `12.4 Mbit/s`: the same with the full unit. */
export function formatBitRate(bytesPerSecond: number | null): string {
  return rate(bytesPerSecond, 'bit/s', 1e6);
}

/** `1.24 MB`; powers of 1000. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return UNKNOWN;
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${three(value)} ${units[unit]}`;
}

/** The two largest units: `4d 03h`, `5m 10s`, `12s`. */
export function formatDuration(seconds: number | null): string {
  if (seconds === null) return UNKNOWN;
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 86_400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60];
  const names = ['d', 'h', 'm', 's'];
  const first = parts.findIndex((part) => part > 0);
  if (first < 0) return '0s';
  const largest = `${parts[first]}${names[first]}`;
  return first === 3 ? largest : `${largest} ${String(parts[first + 1]).padStart(2, '0')}${names[first + 1]}`;
}

/** `12:03:07`, in the time zone of this process. */
export function formatTime(unixMs: number): string {
  return new Date(unixMs).toTimeString().slice(0, 8);
}

/** Whatever it is, or a dash; nothing in it moves the cursor. */
export function formatText(value: string | number | null): string {
  return value === null || value === '' ? UNKNOWN : printable(String(value));
}

/** `1 peer`, `2 peers`. */
export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** A count, or a dash. */
export function formatCount(count: number | null): string {
  return count === null ? UNKNOWN : String(count);
}

/**
 * Three significant digits at most; zeros at the end say nothing and are left out.
 * @param value not negative
 * @param decimals at most so many
 */
export function three(value: number, decimals = 3): string {
  if (value >= 99.95) return String(Math.round(value));
  const wanted = value >= 9.995 ? 1 : value >= 0.9995 ? 2 : 3;
  return String(Number(value.toFixed(Math.min(wanted, decimals))));
}

function rate(bytesPerSecond: number | null, per: string, megaFrom: number): string {
  if (bytesPerSecond === null) return UNKNOWN;
  const bits = bytesPerSecond * 8;
  const [unit, factor] = bits >= 999.5e6 ? ['G', 1e9] : bits >= megaFrom * 0.9995 ? ['M', 1e6] : ['k', 1e3];
  return `${three(bits / factor, 2)} ${unit}${per}`;
}
