/** Numbers as people read them. Unknown values are a dash; nothing here is meant to be parsed (that is what --json is for). */

const DASH = '-';
const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `1.2 MB`; powers of 1000. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return DASH;
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** `3.4 Mbit/s`. @param bytesPerSecond bytes, as everywhere in our API */
export function formatRate(bytesPerSecond: number | null): string {
  if (bytesPerSecond === null) return DASH;
  const bits = bytesPerSecond * 8;
  if (bits < 1000) return `${Math.round(bits)} bit/s`;
  if (bits < 1e6) return `${trim(bits / 1e3)} kbit/s`;
  return bits < 1e9 ? `${trim(bits / 1e6)} Mbit/s` : `${trim(bits / 1e9)} Gbit/s`;
}

/** `0.85 ms`, `12.3 ms`, `1.20 s`. */
export function formatMs(ms: number | null): string {
  if (ms === null) return DASH;
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return ms >= 100 ? `${Math.round(ms)} ms` : ms >= 10 ? `${ms.toFixed(1)} ms` : `${ms.toFixed(2)} ms`;
}

/** The two largest units: `2d 3h`, `5m 10s`, `12s`. */
export function formatDuration(seconds: number | null): string {
  if (seconds === null) return DASH;
  const whole = Math.max(0, Math.floor(seconds));
  const parts: readonly [number, string][] = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'm'],
    [whole % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ');
}

/** `0 %`, `0.5 %`, `12 %`. */
export function formatPercent(percent: number | null): string {
  if (percent === null) return DASH;
  return `${percent > 0 && percent < 10 ? trim(percent) : Math.round(percent)} %`;
}

/** Whatever it is, or a dash. */
export function formatText(value: string | number | null): string {
  return value === null || value === '' ? DASH : printable(String(value));
}

/** `1 peer`, `2 peers`. */
export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** Text from elsewhere without anything that moves the cursor (abuse case D9). */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');
}

function trim(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/, '');
}
