/**
 * Every key of the configuration, once: what it may hold, what holds when it is left out, whether a running daemon can
 * take a change over, how `init` writes it, and a sentence about it. The types of `Config`, the schema, the defaults, the
 * file of `init`, the policy of `reload` and the table of the manual are made from this list, or checked against it
 * (test/config/keys.test.ts), so that they cannot differ.
 *
 * It is data of our own and no schema of a library: why is in ARCHITECTURE.md, "Where the design proved wrong".
 */
import { type PublicKey, parsePublicKey, SecretKey } from '../crypto/index.ts';
import { parseFirewallRule } from '../tun/index.ts';
import { checkEndpoint, checkListen, parseEndpoint, parseHostPort } from '../underlay/index.ts';
import {
  checkAdminListen,
  checkAllowRule,
  checkDevice,
  checkMetricsListen,
  checkName,
  checkPath,
  checkPrivateKey,
  checkPublicKey,
  checkUser,
} from './checks.ts';
import {
  choice,
  type Field,
  flag,
  integer,
  list,
  password,
  passwordOr,
  secret,
  text,
  value,
  valueOr,
} from './field.ts';
import { TUN_MTU } from './limits.ts';
import { NO_PASSWORD, PASSWORD_FILE } from './names.ts';

/** How `init` writes a key into a new file. */
export type Written = {
  /** Instead of the default: a value, or what the file of each node has. */
  readonly value?: string;
  /** The key stands there as a comment, with this value. */
  readonly example?: string;
  /** It stands instead of the key before it: a comment inside of a comment, or both would be taken. */
  readonly isInstead?: true;
  /** A word about it. */
  readonly hint?: string;
};

/** What is known of a key. */
export type KeyFacts = {
  /** `tun.mtu`; `peers[].login` for a key of each entry of a list. */
  readonly path: string;
  /** What it may hold; null for a list whose entries have keys of their own. */
  readonly field: Field | null;
  readonly required: boolean;
  /** What holds when it is left out, as the file would have it; null: nothing. */
  readonly fallback: string | readonly string[] | null;
  /** `no`: a change needs a restart; else how `reload` takes it over, for the manual. */
  readonly reload: string;
  /** For the manual: what stands there instead of a default, and what the key means. */
  readonly note: string;
  readonly about: string;
  readonly written: Written;
};

type Given = Pick<KeyFacts, 'field' | 'reload' | 'about'> & Partial<Omit<KeyFacts, 'path'>>;
type Usual = { readonly required: false; readonly fallback: null; readonly note: ''; readonly written: Written };
type Made<P, G> = { readonly path: P } & G & Omit<Usual, keyof G>;

function key<const P extends string, const G extends Given>(path: P, given: G): Made<P, G> {
  return { required: false, fallback: null, note: '', written: {}, path, ...given } as Made<P, G>;
}

/** In the order of the manual. The type is inferred: `Config` is made of it (config.ts). */
export const KEYS = [
  key('identity.privateKey', {
    field: secret(checkPrivateKey, SecretKey.fromHex),
    note: 'made by `init`',
    reload: 'no',
    about: '64 hex digits. Whoever has it is this node',
  }),
  key('identity.privateKeyFile', {
    written: { example: '/etc/fcmesh/key', hint: 'instead of privateKey: a file with the 64 digits, mode 0600' },
    field: text(checkPath),
    reload: 'no',
    about: 'instead: the path of a file with them, mode 0600',
  }),
  key('tun.enabled', {
    written: { hint: 'false: only relay for others' },
    field: flag(),
    fallback: 'true',
    reload: 'no',
    about: '`false`: no device, only a relay for others; needs no root',
  }),
  key('tun.name', { field: text(checkDevice), fallback: 'fc0', reload: 'no', about: 'name of the device' }),
  key('tun.mtu', {
    field: integer(TUN_MTU.min, TUN_MTU.max),
    fallback: '1304',
    reload: 'no',
    about:
      'largest packet of programs; 1304 fits through any link of 1380 bytes with both layers of encryption; over narrower ones packets go in fragments, which `peers --json` shows for those of IPv6. 1280 (the least) is cut up as well on a link of 1280',
  }),
  key('listen', {
    written: { example: 'udp://[::]:21000', hint: 'the same for IPv6' },
    field: list(value(checkListen, (at) => parseEndpoint(at, true))),
    fallback: ['udp://0.0.0.0:21000'],
    reload: 'new addresses; one that was taken out stays open until a restart, and `reload` and `status` say so',
    about:
      'where peers reach us: `udp://ADDRESS:PORT`, `udp://[::]:PORT`; `eth://DEVICE` for raw Ethernet, where no IP is needed (the device may be plugged in later; root or CAP_NET_RAW at the start)',
  }),
  key('lan.beacon', {
    written: { hint: 'on | listen | off' },
    field: choice('on', 'listen', 'off'),
    fallback: 'on',
    reload: 'yes',
    about:
      'find peers in the local network: `on`: tell neighbours of us and dial whom we hear; `listen`: only the latter; `off`. Whoever is on the cable or in the Wi-Fi becomes a peer; what they reach of this machine is for `firewall` to say',
  }),
  key('lan.devices', {
    written: { hint: 'auto | all | names of devices' },
    field: list(text(checkDevice)),
    fallback: ['auto'],
    reload: 'yes',
    about:
      '`auto`: Ethernet and Wi-Fi with carrier, and bridges that have such a port; nothing virtual (containers, tunnels). `all`: those, too. Or names: `[eth0, br-lan]`',
  }),
  key('lan.port', {
    field: integer(1, 65535),
    fallback: '64512',
    reload: 'yes',
    about: 'UDP port of the beacons, the same on all nodes of the network',
  }),
  key('peers', { field: null, fallback: [], reload: 'yes', about: 'whom we dial, a list of' }),
  key('peers[].endpoint', {
    written: { example: 'udp://192.0.2.7:21000', hint: 'host names are allowed' },
    field: value(checkEndpoint, parseEndpoint),
    note: 'this, or `endpoints`',
    reload: 'yes',
    about:
      '`udp://HOST:PORT` in the network below, or `eth://MAC@DEVICE` for raw Ethernet: the MAC of the peer and our device towards it; host names allowed; a link-local address with the device that leads there (`[fe80::7%br-lan]`). Refused everywhere, as what no peer can have: multicast, broadcast, "any" (`0.0.0.0`, `::`), 0.0.0.0/8, 240.0.0.0/4, 100::/64, IPv4 in the form of IPv6 (`::ffff:192.0.2.7`), addresses of the mesh, `localhost`, port 0. 256 peers at most',
  }),
  key('peers[].endpoints', {
    written: {
      example: '["udp://[2001:db8::7]:21000", udp://192.0.2.7:21000]',
      hint: 'instead, where it has several',
      isInstead: true,
    },
    field: list(value(checkEndpoint, parseEndpoint)),
    note: 'instead of `endpoint`',
    reload: 'yes',
    about:
      'several places of one peer, 1 to 8, each as `endpoint`: tried 250 ms apart in this order (of a name its addresses, IPv6 first), the first that is up is kept; when it fails, or does not answer, the others are tried beside it',
  }),
  key('peers[].key', {
    written: { example: '<52 characters>.k' },
    field: value(checkPublicKey, keyOf),
    required: true,
    reload: 'yes',
    about: "the peer's public key, 52 characters and `.k`",
  }),
  key('peers[].login', {
    written: { example: 'alice', hint: 'optional, as the other side wishes' },
    field: text(checkName),
    reload: 'yes',
    about: 'the name under which it knows our password',
  }),
  key('peers[].password', {
    written: { example: '<secret>' },
    field: password(),
    required: true,
    reload: 'yes',
    about: '1 to 64 bytes',
  }),
  key('peers[].name', {
    written: { example: 'bob', hint: 'optional, shown in tables' },
    field: text(checkName),
    reload: 'yes',
    about: 'shown in tables, usable as `NODE`',
  }),
  key('accept', {
    field: null,
    fallback: [],
    reload: 'yes',
    about:
      'who may dial us; who came by a login that is taken out has to leave; an empty list accepts nobody but neighbours in the local network. A list of',
  }),
  key('accept[].login', {
    written: { example: 'alice' },
    field: text(checkName),
    required: true,
    reload: 'yes',
    about: 'unlike all others',
  }),
  key('accept[].password', {
    written: { example: '<secret>', hint: '1 to 64 bytes' },
    field: password(),
    required: true,
    reload: 'yes',
    about: '1 to 64 bytes',
  }),
  key('accept[].name', {
    written: { example: 'alice', hint: 'optional, shown in tables' },
    field: text(checkName),
    reload: 'yes',
    about: 'shown in tables',
  }),
  key('supernodes', {
    written: { example: '<52 characters>.k' },
    field: list(value(checkPublicKey, keyOf)),
    fallback: [],
    reload: 'yes',
    about: 'public keys of route servers that may be used, see below',
  }),
  key('admin.listen', {
    field: value(checkAdminListen, (at) => parseHostPort(at, true)),
    fallback: '127.0.0.1:11234',
    reload: 'yes: `fcmesh reload --admin OLD`',
    about: 'the admin socket (UDP)',
  }),
  key('admin.password', {
    written: { example: '<secret>', hint: 'instead of passwordFile; NONE: every program here may, on loopback only' },
    field: passwordOr(NO_PASSWORD),
    fallback: NO_PASSWORD,
    reload: 'yes: with the old one in `FCMESH_ADMIN_PASSWORD`',
    about: '`NONE`: no password, allowed on loopback addresses only, and warned of',
  }),
  key('admin.passwordFile', {
    written: {
      value: PASSWORD_FILE,
      hint: 'whoever may read this file may control the daemon: root, the group fcmesh',
    },
    field: text(checkPath),
    reload: 'yes, as `admin.password`',
    about:
      'instead: a file that holds it, beside the configuration; what `fcmesh init` writes. Open to nobody but its owner and its group; tools of cjdns get the same word in `.cjdnsadmin`',
  }),
  key('admin.readonlyPassword', {
    written: { example: '<secret>', hint: 'may look, but change nothing' },
    field: password(),
    reload: 'yes',
    about: 'may ask, but change nothing',
  }),
  key('firewall.inbound', {
    written: { hint: 'deny | allow: those that nobody here asked for' },
    field: choice('deny', 'allow'),
    fallback: 'deny',
    reload: 'yes',
    about:
      '(connections that are open stay open after a reload) `deny`: from the mesh only answers to what was sent from here, and `allow`; `allow`: everything',
  }),
  key('firewall.allow', {
    written: { hint: 'let in anyway; add tcp/22, udp/60000-61000 ...' },
    field: list(value(checkAllowRule, parseFirewallRule)),
    fallback: ['icmp'],
    reload: 'yes',
    about: '`icmp`, `tcp/PORT`, `udp/FIRST-LAST` (`udp/60000-61000`, as mosh wants)',
  }),
  key('metrics.listen', {
    written: { hint: 'HOST:PORT for Prometheus text, such as 127.0.0.1:9090' },
    field: valueOr('off', checkMetricsListen, parseHostPort),
    fallback: 'off',
    reload: 'yes',
    about: '`HOST:PORT` for Prometheus text, see below',
  }),
  key('crypto', {
    written: { hint: 'auto | libsodium: which code encrypts; auto takes the fastest' },
    field: choice('auto', 'libsodium'),
    fallback: 'auto',
    reload: 'no',
    about:
      'who encrypts packets: `auto` the fastest code this machine has (`status` names it: `avx512`, `avx2`, `neon` or `libsodium`), `libsodium` always that library',
  }),
  key('user', {
    written: { hint: 'what the daemon becomes once everything is open' },
    field: text(checkUser),
    fallback: 'nobody',
    reload: 'no',
    about:
      "what the daemon becomes when everything is open; `init` writes `fcmesh` where the installation made that user, whom no other service shares. `root` stays root, but without capabilities: then a file that belongs to somebody else can't be read again (SIGHUP), nor a port below 1024 opened by a reload",
  }),
  key('log.level', {
    written: { hint: 'error | warn | info | debug' },
    field: choice('error', 'warn', 'info', 'debug'),
    fallback: 'info',
    reload: 'yes',
    about: '`error`, `warn`, `info`, `debug`',
  }),
] as const;

/** The same without the types of the values. */
export const ALL_KEYS: readonly KeyFacts[] = [...KEYS];

/** What holds for a key that the file leaves out, as text. @param path of a key that has one value */
export function fallbackOf(path: string): string {
  const found = ALL_KEYS.find((one) => one.path === path)?.fallback;
  return typeof found === 'string' ? found : '';
}

/** Capitals are as good as small letters: the symbols of base32 have no others. */
function keyOf(symbols: string): PublicKey | null {
  return parsePublicKey(symbols.toLowerCase());
}
