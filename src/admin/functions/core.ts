/** Functions of the socket and the daemon itself. Source: protocol 10 §1.1, §1.3, §2 "Core". */
import { toHex } from '../../base/index.ts';
import { formatIp6, formatNodeAddress } from '../../crypto/index.ts';
import { SELF_LABEL, V358_BYTES } from '../../switch/index.ts';
import { pageOf } from '../arguments.ts';
import { type AdminFunction, may } from '../function.ts';
import type { Reply } from '../reply.ts';
import { NO_WORKERS, PER_PAGE } from '../spec.ts';
import { schemeReply } from './node-reply.ts';

const NO_ERROR = 'none';

export const core: readonly AdminFunction[] = [
  { name: 'ping', access: 'anybody', args: {}, run: () => ({ q: 'pong' }) },
  {
    name: 'cookie',
    access: 'anybody',
    args: {},
    run: ({ context }) => ({ cookie: context.cookies.issue(Math.floor(context.unixMs() / 1000)) }),
  },
  {
    name: 'Admin_availableFunctions',
    access: 'anybody',
    args: { page: may('Int') },
    run: (call) => {
      const start = pageOf(call) * PER_PAGE.availableFunctions;
      const names = [...call.context.functions.keys()].sort().slice(start, start + PER_PAGE.availableFunctions);
      const available = Object.fromEntries(names.map((name) => [name, describe(call.context.functions.get(name))]));
      // `more` whenever the page is full, as stock: old clients read until an empty page (§1.3).
      return { availableFunctions: available, more: names.length === PER_PAGE.availableFunctions ? 1 : null };
    },
  },
  {
    name: 'Admin_asyncEnabled',
    access: 'anybody',
    args: {},
    run: ({ isAsync }) => ({ asyncEnabled: isAsync }),
  },
  {
    name: 'Core_nodeInfo',
    access: 'anybody',
    args: {},
    run: ({ context }) => {
      const { key, address, protocol } = context.node.inspect();
      return {
        myAddr: formatNodeAddress({ protocol, label: SELF_LABEL, publicKey: key }),
        myIp6: formatIp6(address),
        compressedSchemeHex: toHex(V358_BYTES),
        encodingScheme: schemeReply(),
        version: protocol,
        error: NO_ERROR,
      };
    },
  },
  { name: 'Core_tunWorkers', access: 'anybody', args: {}, run: () => ({ workers: NO_WORKERS, error: NO_ERROR }) },
  {
    name: 'Allocator_bytesAllocated',
    access: 'operator',
    args: {},
    run: ({ context }) => ({ bytes: context.facts.memoryBytes?.() ?? 0 }),
  },
  {
    name: 'memory',
    access: 'operator',
    args: {},
    run: ({ context }) => ({ bytes: context.facts.memoryBytes?.() ?? 0 }),
  },
  { name: 'Core_pid', access: 'anybody', args: {}, run: ({ context }) => ({ pid: context.facts.pid }) },
  {
    name: 'Core_exit',
    access: 'operator',
    args: {},
    run: ({ context }) => {
      context.stop();
      return { error: NO_ERROR };
    },
  },
];

function describe(item: AdminFunction | undefined): Reply {
  const args = Object.entries(item?.args ?? {});
  return Object.fromEntries(args.map(([name, { type, required }]) => [name, { type, required }]));
}
