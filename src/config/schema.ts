/**
 * The schema of the configuration: every key there is, whether it is needed, and what it may hold. Complete from the
 * start; keys whose function is not built yet are listed in not-built.ts. Source: the table of keys in README.md.
 *
 * It is data of our own and not a zod schema: importing zod costs 45 to 110 ms of CPU, a fifth to a half of what the
 * whole start of the daemon may take, and zod sees neither the source text (`0123`) nor the position of a value.
 */
import { checkEndpoint, checkListen } from '../underlay/index.ts';
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
import { choice, integer, list, optional, password, required, section, text } from './field.ts';
import { TUN_MTU } from './limits.ts';

/** One entry of `peers`. */
const peer = section({
  endpoint: required(text(checkEndpoint)),
  key: required(text(checkPublicKey)),
  login: optional(text(checkName)),
  password: required(password()),
  name: optional(text(checkName)),
});

/** One entry of `accept`. */
const user = section({
  login: required(text(checkName)),
  password: required(password()),
  name: optional(text(checkName)),
});

/** The whole file. */
export const schema = section({
  identity: required(
    section({
      privateKey: optional(text(checkPrivateKey, true)),
      privateKeyFile: optional(text(checkPath)),
    }),
  ),
  tun: optional(
    section({
      enabled: optional(choice('true', 'false')),
      name: optional(text(checkDevice)),
      mtu: optional(integer(TUN_MTU.min, TUN_MTU.max)),
    }),
  ),
  listen: optional(list(text(checkListen))),
  lan: optional(
    section({
      beacon: optional(choice('on', 'listen', 'off')),
      devices: optional(list(text(checkDevice))),
      port: optional(integer(1, 65535)),
    }),
  ),
  peers: optional(list(peer)),
  accept: optional(list(user)),
  supernodes: optional(list(text(checkPublicKey))),
  admin: optional(
    section({
      listen: optional(text(checkAdminListen)),
      password: optional(password()),
      passwordFile: optional(text(checkPath)),
      readonlyPassword: optional(password()),
    }),
  ),
  firewall: optional(
    section({
      inbound: optional(choice('deny', 'allow')),
      allow: optional(list(text(checkAllowRule))),
    }),
  ),
  metrics: optional(section({ listen: optional(text(checkMetricsListen)) })),
  crypto: optional(choice('auto', 'libsodium')),
  user: optional(text(checkUser)),
  log: optional(section({ level: optional(choice('error', 'warn', 'info', 'debug')) })),
});
