/** The file that `init` writes: every key with its value and a word about it. */

import { fallbackOf, fallbacksOf } from './keys.ts';
import { PASSWORD_FILE } from './names.ts';

/** What the template says about the node it is for. */
export type TemplateFacts = {
  /** 64 hex digits: the result is a secret, too. */
  readonly privateKeyHex: string;
  /** 39 characters. */
  readonly address: string;
  /** 54 characters. */
  readonly key: string;
  /** Whom the daemon becomes; absent: the default. */
  readonly user?: string;
};

/** The text of a new configuration; `loadConfig` accepts it. */
export function renderTemplate(facts: TemplateFacts): string {
  return `# fcmesh: configuration of one node. Keep this file secret: it holds the private key.
# After a change: fcmesh check, then fcmesh reload (some keys need a restart, and it says which).

identity:
  # Who this node is. Whoever has this key is this node; losing it means a new address.
  #   address ${facts.address}
  #   key     ${facts.key}
  privateKey: ${facts.privateKeyHex}
  # privateKeyFile: /etc/fcmesh/key      # instead of privateKey: a file with the 64 digits, mode 0600

tun:                                     # the network device for programs of this machine
  enabled: ${fallbackOf('tun.enabled')}                          # false: only relay for others
  name: ${fallbackOf('tun.name')}
  mtu: ${fallbackOf('tun.mtu')}

listen:                                  # where peers reach us; open this UDP port in your firewall
${fallbacksOf('listen')
  .map((at) => `  - ${at}`)
  .join('\n')}
  # - udp://[::]:21000                   # the same for IPv6

lan:                                     # finding peers in the local network
  beacon: ${fallbackOf('lan.beacon')}                            # on | listen | off; not built yet: on has no effect
  devices: [${fallbacksOf('lan.devices').join(', ')}]
  port: ${fallbackOf('lan.port')}

peers: []                                # nodes that we connect to; ask somebody for these lines:
  # - endpoint: udp://192.0.2.7:21000    # host names are allowed
  #   key: <52 characters>.k
  #   login: alice                       # optional, as the other side wishes
  #   password: <secret>
  #   name: bob                          # optional, shown in tables

accept: []                               # who may connect to us; an empty list accepts nobody
  # - login: alice
  #   password: <secret>                 # 1 to 64 bytes
  #   name: alice                        # optional, shown in tables

supernodes: []                           # route servers that may be used; none are needed, and no others are trusted
  # - <52 characters>.k

admin:                                   # the socket for fcmesh status, peers, ping and the tools of cjdns
  listen: ${fallbackOf('admin.listen')}
  passwordFile: ${PASSWORD_FILE}           # whoever may read this file may control the daemon: root, the group fcmesh
  # password: <secret>                   # instead; NONE: every program of this machine may, on loopback only
  # readonlyPassword: <secret>           # may look, but change nothing

firewall:                                # connections from the mesh to this machine
  inbound: ${fallbackOf('firewall.inbound')}                          # deny | allow: those that nobody here asked for
  allow: [${fallbacksOf('firewall.allow').join(', ')}]                          # let in anyway; add tcp/22, udp/60000-61000 ...

metrics:
  listen: ${fallbackOf('metrics.listen')}                            # HOST:PORT for Prometheus text, such as 127.0.0.1:9090

crypto: ${fallbackOf('crypto')}                             # auto | libsodium: which code encrypts; auto takes the fastest

user: ${(facts.user ?? fallbackOf('user')).padEnd(34)} # what the daemon becomes once everything is open

log:
  level: ${fallbackOf('log.level')}                            # error | warn | info | debug
`;
}
