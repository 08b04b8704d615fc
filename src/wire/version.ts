/** Protocol versions: the number a node announces in CTRL frames and router messages. Source: protocol 06 §2.4. */

/** What we announce everywhere: stock v21, so RPATH is asked of us and Noise is not. */
export const PROTOCOL_VERSION = 21;

/** The oldest version that can talk to stock v22, which refuses anything below (protocol 06 §2.1). */
export const OLDEST_COMPATIBLE = 20;

/** Whether a node that announces `version` is answered; there is no upper limit, as in stock. */
export function isCompatible(version: number): boolean {
  return version >= OLDEST_COMPATIBLE;
}
