/** DNS seeds and being a public peer, which v22 has and this daemon does not: nothing is in the list. Source: protocol 10 §2. */
import { type AdminFunction, may, needs } from '../function.ts';
import type { Reply } from '../reply.ts';
import { addressText } from './node-reply.ts';

const NO_SEEDS = 'not supported: this daemon asks no DNS seeds; peers are in the configuration, see: fcmesh join';
const NOT_PUBLIC = 'not supported: this daemon is in no DNS seed; peers are invited, see: fcmesh invite';

export const seeder: readonly AdminFunction[] = [
  answering('PeeringSeeder_addDnsSeed', { seed: needs('String'), trustSnode: may('Int') }, { error: NO_SEEDS }),
  answering('PeeringSeeder_rmDnsSeed', { seed: needs('String') }, { error: 'seed not in list' }),
  answering('PeeringSeeder_listDnsSeeds', {}, { seeds: {}, error: 'none' }),
  {
    name: 'PeeringSeeder_publicPeer',
    access: 'operator',
    args: { peerID: may('String'), ipv4: may('String'), ipv6: may('String') },
    // Without a name stock ends being public.
    run: ({ args }) => ({ error: args.has('peerID') ? NOT_PUBLIC : 'none' }),
  },
  {
    name: 'PeeringSeeder_publicStatus',
    access: 'operator',
    args: {},
    run: ({ context }) => {
      const { inUse } = context.node.supernodes();
      return { snode: inUse === null ? null : addressText(inUse), error: 'none' };
    },
  },
];

function answering(name: string, args: AdminFunction['args'], reply: Reply): AdminFunction {
  return { name, access: 'operator', args, run: () => reply };
}
