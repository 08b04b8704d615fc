/** Functions of stock that this daemon will not do, each with the reason: better than "no such function" for a tool. */
import { type AdminFunction, may, needs } from '../function.ts';
import type { Reply } from '../reply.ts';

const BY_CONFIGURATION = 'not supported: sockets and TUN are opened at start, as the configuration says';

export const unsupported: readonly AdminFunction[] = [
  refused('Core_initTunnel', { desiredTunName: may('String') }, BY_CONFIGURATION),
  refused('Core_initTunfd', { tunfd: needs('Int'), type: may('Int') }, BY_CONFIGURATION),
  refused('Core_stopTun', {}, BY_CONFIGURATION),
  refused('Core_initSocket', { socketFullPath: needs('String'), socketAttemptToCreate: may('Int') }, BY_CONFIGURATION),
  refused('Admin_importFd', { fd: needs('Int') }, 'not supported'),
  refused('Admin_exportFd', { fd: needs('Int') }, 'not supported'),
  refused(
    'UDPInterface_new',
    { bindAddress: may('String'), dscp: may('Int'), beaconPort: may('Int') },
    BY_CONFIGURATION,
  ),
];

/** Parts of stock that this daemon does not have: tools that list what is in them get an empty list, not a failure. */
export const nothing: readonly AdminFunction[] = [
  listed('Janitor_dumpRumorMill', { mill: needs('String'), page: needs('Int') }, { addresses: [], total: 0 }),
  listed('IpTunnel_listConnections', {}, { connections: [], error: 'none' }),
  listed('UpperDistributor_listHandlers', { page: may('Int') }, { handlers: [], error: 'none' }),
];

function listed(name: string, args: AdminFunction['args'], reply: Reply): AdminFunction {
  return { name, access: 'reader', args, run: () => reply };
}

function refused(name: string, args: AdminFunction['args'], error: string): AdminFunction {
  return { name, access: 'operator', args, run: () => ({ error }) };
}
