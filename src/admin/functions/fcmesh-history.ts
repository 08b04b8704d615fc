/** Our own function for the last 15 minutes of a link. Units are in the names; an unknown value is an absent key. */
import { equal, getInt, getText } from '../../base/index.ts';
import { formatIp6, formatPublicKey } from '../../crypto/index.ts';
import { NOT_A_NODE, nodeOf, pageOf } from '../arguments.ts';
import { type AdminFunction, may, needs } from '../function.ts';
import type { Sample } from '../history.ts';
import { SAMPLES_PER_PAGE } from '../limits.ts';
import type { Reply } from '../reply.ts';

export const fcmeshHistory: readonly AdminFunction[] = [
  {
    name: 'Fcmesh_history',
    access: 'reader',
    // `after`: only samples with a higher number, for whoever has the others already.
    args: { node: needs('String'), endpoint: may('String'), after: may('Int'), page: may('Int') },
    run: (call) => {
      const { node, history, pages, clock } = call.context;
      const address = nodeOf(call, 'node');
      if (address === null) return { error: NOT_A_NODE };
      const endpoint = getText(call.args, 'endpoint');
      const links = node.peers().filter((peer) => equal(peer.address, address));
      const peer = links.find((one) => (endpoint === null ? one.state === 'established' : one.endpoint === endpoint));
      const link = peer ?? (endpoint === null ? links[0] : undefined);
      if (link === undefined) return { error: 'no such peer' };
      const after = getInt(call.args, 'after') ?? 0n;
      const from = after < 0n ? 0 : after > 0xffff_ffffn ? 0xffff_ffff : Number(after);
      const reader = `${call.from} history ${formatIp6(address)} ${link.endpoint} ${from}`;
      const take = () => history.read(link, from);
      const page = pages.read(reader, pageOf(call), SAMPLES_PER_PAGE, clock.nowMs(), take);
      return {
        error: 'none',
        key: formatPublicKey(link.key),
        endpoint: link.endpoint,
        samples: page.entries.map(sampleReply),
        total: page.total,
        more: page.more ? 1 : null,
      };
    },
  },
];

function sampleReply(sample: Sample): Reply {
  return { ...sample };
}
