/** Supernodes: we use none, and say so in the words of stock. Source: protocol 10 §2, 09. */
import { type AdminFunction, may, needs } from '../function.ts';

const NOT_BUILT = 'fcmesh finds its ways by itself and uses no supernode';

export const supernode: readonly AdminFunction[] = [
  {
    name: 'SupernodeHunter_status',
    access: 'anybody',
    args: {},
    run: () => ({ usingAuthorizedSnode: 0, activeSnode: 'NONE', error: 'none' }),
  },
  {
    name: 'SupernodeHunter_listSnodes',
    access: 'anybody',
    args: { page: may('Int') },
    run: () => ({ snodes: [], error: 'none' }),
  },
  {
    name: 'SupernodeHunter_addSnode',
    access: 'operator',
    args: { key: needs('String') },
    run: () => ({ error: NOT_BUILT }),
  },
  {
    name: 'SupernodeHunter_removeSnode',
    access: 'operator',
    args: { key: needs('String') },
    run: () => ({ error: NOT_BUILT }),
  },
];
