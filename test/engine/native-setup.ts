/** What the tests of the native engine share. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createNativeEngine, loadAddon, type NativeEngineOptions } from '../../src/engine/native.ts';
import type { Addon } from '../../src/engine/native-addon.ts';
import { type Arena, descriptor, type Engine } from '../../src/packet/index.ts';

/** Where the addon lies, for tests that load it elsewhere. */
export const addonPath = new URL('../../native/build/Release/fcmesh.node', import.meta.url).pathname;

let loaded: Addon | null = null;
let reason: string | false = false;
try {
  loaded = loadAddon();
} catch (error) {
  reason = `${(error as Error).message}: scripts/build-native`;
}

/** Why tests are skipped; false when they run. */
export const skip = reason;

/** The addon; only for tests that are not skipped. */
export function theAddon(): Addon {
  if (loaded === null) throw new Error('the addon is not built');
  return loaded;
}

/** A small engine, closed when the test ends. */
export function anEngine(t: { teardown: (run: () => void) => unknown }, options: NativeEngineOptions = {}): Engine {
  const arena = { tunSlots: 8, receiveSlots: 20, outputSlots: 64, descriptors: 96, ...options.arena };
  const engine = createNativeEngine(theAddon(), { ...options, arena });
  t.teardown(() => engine.close());
  return engine;
}

/** One field of a descriptor. */
export function get(arena: Arena, index: number, field: number): number {
  const value = arena.descriptors[index * descriptor.STRIDE + field];
  if (value === undefined) throw new Error('no such descriptor');
  return value;
}

/** Sets fields of a descriptor, named by number. */
export function set(arena: Arena, index: number, fields: Readonly<Record<number, number>>): void {
  for (const [field, value] of Object.entries(fields))
    arena.descriptors[index * descriptor.STRIDE + Number(field)] = value;
}

/** The bytes a descriptor points to, copied. */
export function packetOf(arena: Arena, index: number): Uint8Array {
  const offset = get(arena, index, descriptor.OFFSET);
  return arena.bytes.slice(offset, offset + get(arena, index, descriptor.LENGTH));
}

/** Calls `poll` until it gives something, for two seconds at most. */
export async function eventually<T>(poll: () => T | null): Promise<T> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const value = poll();
    if (value !== null) return value;
    await sleep(10);
  }
  throw new Error('it did not happen');
}
