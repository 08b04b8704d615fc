/** Which engine carries the packets: the native one, or the portable one where no TUN is wanted and no addon is there. */
import type { Config } from '../config/index.ts';
import { type CryptoBackend, createNativeBackend, loadNodeBackend } from '../crypto/index.ts';
import { createNativeEngine, createPortableEngine, loadAddon } from '../engine/index.ts';
import { NODE_ARENA } from '../node/index.ts';
import { type Engine, poisonFreed } from '../packet/index.ts';
import type { DebugOptions } from './debug.ts';

/** What the machine gives us. Nothing is open yet: engines are made by `createEngine`. */
export type Platform = {
  readonly crypto: CryptoBackend;
  readonly createEngine: (crypto: Config['crypto']) => Promise<Engine>;
  /** Names of the capabilities of this process; of no use without a TUN. */
  readonly capabilities: readonly string[];
  /** Gives up everything that is not needed any more. @throws Error when the system refuses: the daemon must end */
  readonly dropPrivileges: (uid: number, gid: number) => void;
  /**
   * Keeps other network devices from carrying packets of the mesh to this machine. @returns why not, null where it does
   * @param address 16 bytes, ours
   */
  readonly guard: (device: string, address: Uint8Array) => string | null;
  /** Refuses itself what no running daemon needs, for good. @returns what could not be had, as warnings */
  readonly confine: () => readonly string[];
  /** Tells the service manager, if one listens. */
  readonly notify: (text: string) => void;
  readonly warnings: readonly string[];
};

/**
 * Loads the native addon; without it, and only where no TUN is wanted, the portable engine.
 * @param debug what of it is made otherwise for tests
 * @throws MeshError ERR_ADDON, ERR_LIBSODIUM
 */
export async function loadPlatform(needsTun: boolean, debug: DebugOptions): Promise<Platform> {
  const { without } = debug;
  const finished = (engine: Engine): Engine => (debug.poison ? poisonFreed(engine) : engine);
  if (debug.portable && !needsTun) return portablePlatform('FCMESH_DEBUG asks for it');
  try {
    const addon = loadAddon();
    return {
      crypto: createNativeBackend(addon),
      createEngine: async (choice) =>
        finished(createNativeEngine(addon, { arena: NODE_ARENA, crypto: debug.avx2 ? 'avx2' : choice, without })),
      capabilities: addon.capabilities(),
      dropPrivileges: (uid, gid) => addon.dropPrivileges({ uid, gid, keepNetAdmin: false }),
      guard: (device, address) =>
        debug.noGuard ? 'FCMESH_DEBUG asks for it' : guardReason(() => addon.guard(device, address)),
      confine: () => (addon.confine() ? [] : [NO_FILTER]),
      notify: (text) => void addon.sdNotify(text),
      warnings: [],
    };
  } catch (error) {
    if (needsTun) throw error;
    return portablePlatform(error instanceof Error ? error.message : String(error));
  }
}

/** An old kernel keeps the table after our end; the next start replaces it, and until then it does no harm. */
function guardReason(guard: () => boolean): string | null {
  try {
    guard();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const NO_FILTER =
  'this kernel filters no system calls (seccomp): the daemon could start other programs if it were taken over';

async function portablePlatform(reason: string): Promise<Platform> {
  const crypto = await loadNodeBackend();
  return {
    crypto,
    createEngine: () => createPortableEngine(NODE_ARENA),
    capabilities: [],
    dropPrivileges: (uid, gid) => {
      if (process.getuid?.() === uid) return;
      process.setgroups?.([]);
      process.setgid?.(gid);
      process.setuid?.(uid);
    },
    guard: () => null, // there is no device either
    confine: () => [],
    notify: () => undefined,
    warnings: [`the portable engine is in use, which is slow: ${reason}`],
  };
}
