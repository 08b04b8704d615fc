// The daemons that are compared, one file a family in peers/: how each is configured and started on a row of nodes. One
// whose program is not installed is left out. `start` returns the address of the last node inside the tunnel.
import { fastd } from './peers/fastd.mjs';
import { fcmesh } from './peers/fcmesh.mjs';
import { nebula } from './peers/nebula.mjs';
import { mycelium, yggdrasil } from './peers/overlay.mjs';
import { tinc } from './peers/tinc.mjs';
import { boringtun, wireguardGo } from './peers/wireguard.mjs';

/**
 * Everybody, ourselves first; the first one's ratio to each of the others is what counts.
 * @param main dist/cli/main.js @param lanes what of ours this processor runs, slowest first
 */
export function allPeers(main, lanes) {
  const slower = lanes.slice(0, -1).map((lane) => fcmesh(main, { name: `fcmesh-${lane}`, title: `fcmesh, ${lane}`, lane }));
  return [fcmesh(main), ...slower, wireguardGo, boringtun, yggdrasil, mycelium, tinc, nebula, fastd];
}
