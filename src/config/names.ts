/** Names of files and words that stand for something. */

/** Where the configuration is when nobody says otherwise. */
export const DEFAULT_FILE = '/etc/fcmesh/fcmesh.yaml';

/** What `init` calls the file with the password of the admin socket, beside the configuration. */
export const PASSWORD_FILE = 'admin.password';

/** The word that stands for "no password" in `admin.password`. */
export const NO_PASSWORD = 'NONE';
