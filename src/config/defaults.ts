/** What holds for a key that the file leaves out. `init` writes the same values, so that they can be seen and changed. */

export const DEFAULTS = {
  tun: { enabled: 'true', name: 'fc0', mtu: '1304' },
  listen: ['udp://0.0.0.0:21000'],
  lan: { beacon: 'on', devices: ['all'], port: '64512' },
  admin: { listen: '127.0.0.1:11234', password: 'NONE' },
  firewall: { inbound: 'deny', allow: ['icmp'] },
  metrics: { listen: 'off' },
  crypto: 'auto',
  user: 'nobody',
  log: { level: 'info' },
} as const;

/** Where the configuration is when nobody says otherwise. */
export const DEFAULT_FILE = '/etc/fcmesh/fcmesh.yaml';

/** What `init` calls the file with the password of the admin socket, beside the configuration. */
export const PASSWORD_FILE = 'admin.password';

/** The word that stands for "no password" in `admin.password`. */
export const NO_PASSWORD = 'NONE';
