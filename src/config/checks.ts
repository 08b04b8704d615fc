/** Checks of single values: what is wrong, and what to write instead. Checks across values are in semantics.ts. */

import { type Mistake, mistake, utf8 } from '../base/index.ts';
import { parsePublicKey } from '../crypto/index.ts';
import { parseFirewallRule } from '../tun/index.ts';
import { isDeviceName, isIp4, isIp6, isLoopback, MAX_DEVICE_NAME_BYTES, parseHostPort } from '../underlay/index.ts';
import { MAX_NAME_BYTES, MAX_PASSWORD_BYTES } from './limits.ts';

/** 64 hex digits. The value itself is never repeated: it is the identity of the node. */
export function checkPrivateKey(text: string): Mistake | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return null;
  const found = /^[0-9a-f]*$/i.test(text) ? `${text.length} hex digits` : 'something else';
  return mistake(`must be 64 hex digits, found ${found}`, 'run "fcmesh keygen" for a new key');
}

/** The 52 symbols and `.k` of a public key (protocol 01 §4). Whether it is a node's key needs cryptography: see `semantics.ts`. */
export function checkPublicKey(text: string): Mistake | null {
  if (parsePublicKey(text.toLowerCase()) !== null) return null;
  if (/^[0-9a-f]{64}$/i.test(text))
    return mistake('must be a public key', 'this looks like a private key: never give it away');
  if (isIp6(text)) return mistake('must be a public key', 'this is an address; ask for the key that ends in .k');
  if (/^[0-9a-z]{52}$/i.test(text)) return mistake('must end in .k', `did you mean "${text}.k"?`);
  const wrong = /^[0-9a-z]{52}\.k$/i.test(text)
    ? [...text.slice(0, 52)].find((symbol) => /[aeio]/i.test(symbol))
    : undefined;
  if (wrong !== undefined)
    return mistake(`"${wrong}" is no symbol of a key`, 'a, e, i and o never occur in keys; copy it again');
  if (/^0{52}\.k$/.test(text)) return mistake("is the zero key, which is no node's", 'copy the whole key');
  return mistake(`must be 52 symbols and .k, found ${text.length} characters`, 'copy the whole key');
}

/** 1 to 64 bytes on one line (protocol 01 §8). */
export function checkPassword(text: string): Mistake | null {
  const bytes = utf8(text).length;
  if (bytes === 0) return mistake('is empty', 'a password has 1 to 64 bytes');
  if (bytes > MAX_PASSWORD_BYTES) return mistake(`is ${bytes} bytes long`, `at most ${MAX_PASSWORD_BYTES} are allowed`);
  return hasControls(text) ? mistake('holds a control character', 'write it on one line') : null;
}

/** Logins and names: 1 to 64 bytes on one line, because they are printed in tables (abuse case D9). */
export function checkName(text: string): Mistake | null {
  const bytes = utf8(text).length;
  if (bytes === 0) return mistake('is empty', 'leave the key out instead');
  if (bytes > MAX_NAME_BYTES) return mistake(`is ${bytes} bytes long`, `at most ${MAX_NAME_BYTES} are allowed`);
  return hasControls(text) ? mistake('holds a control character', 'write it on one line') : null;
}

/** A name of a network device. */
export function checkDevice(text: string): Mistake | null {
  if (isDeviceName(text)) return null;
  return mistake(
    'is no name for a network device',
    `use 1 to ${MAX_DEVICE_NAME_BYTES} letters, digits, - or _, such as fc0`,
  );
}

/** A user of this machine; whether it exists is seen at start. */
export function checkUser(text: string): Mistake | null {
  return /^[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?$/.test(text) ? null : mistake('is no user name', 'did you mean "nobody"?');
}

/** `icmp`, `tcp/22`, `udp/53`. */
export function checkAllowRule(text: string): Mistake | null {
  if (parseFirewallRule(text) !== null) return null;
  const meant = meantRules(text);
  if (meant.length === 1) return mistake('is no rule', `did you mean "${meant[0]}"?`);
  if (meant.length > 1) return mistake('is no rule', `write each by itself: ${meant.join(', ')}`);
  return mistake('is no rule', 'write icmp, tcp/PORT or udp/FIRST-LAST');
}

/** What other programs would mean by it: `22/tcp`, `22`, `udp:60000:61000`, `tcp/80,443`, `icmpv6`. */
function meantRules(text: string): readonly string[] {
  if (/^(ipv6-)?icmp/i.test(text)) return ['icmp'];
  const [, protocol] = /(tcp|udp)/i.exec(text) ?? [];
  const [, ports] = /^(?:(?:tcp|udp)[/: ]*)?([\d\s,:-]+?)(?:[/: ]*(?:tcp|udp))?$/i.exec(text) ?? [];
  if (ports === undefined) return [];
  const rules = ports.split(',').map((part) => {
    const [first = 0, last = first] = part
      .split(/[:-]/)
      .map(Number)
      .sort((a, b) => a - b);
    return `${protocol?.toLowerCase() ?? 'tcp'}/${first}${first === last ? '' : `-${last}`}`;
  });
  return rules.every((rule) => parseFirewallRule(rule) !== null) ? rules : [];
}

/** `127.0.0.1:11234`: a numeric address, so that starting never waits for a name server. */
export function checkAdminListen(text: string): Mistake | null {
  const at = parseHostPort(text, true);
  if (at !== null && (isIp4(at.host) || isIp6(at.host) || isLoopback(at.host))) return null;
  return mistake('must be ADDRESS:PORT', 'did you mean "127.0.0.1:11234"?');
}

/** `off`, or where to serve metrics. */
export function checkMetricsListen(text: string): Mistake | null {
  if (text === 'off' || parseHostPort(text) !== null) return null;
  return mistake('must be off or HOST:PORT', 'for example 127.0.0.1:9100');
}

/** A path of a file. */
export function checkPath(text: string): Mistake | null {
  return text === '' || hasControls(text) ? mistake('is no path', null) : null;
}

function hasControls(text: string): boolean {
  for (const symbol of text) {
    const code = symbol.codePointAt(0) ?? 0;
    if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0x2028 || code === 0x2029) return true;
  }
  return false;
}
