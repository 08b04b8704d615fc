// What the daemons that are compared have in common.

/** Where all of them listen on the underlay. */
export const PORT = 21000;

/** The address of a node inside the tunnel, where the daemon does not make one of its own from a key. */
export function tunnelAddress(node) {
  return `10.99.0.${node + 1}`;
}
