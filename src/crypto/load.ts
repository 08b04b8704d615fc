/** Backends without native code, loaded only when asked for: their libraries cost start-up time. */
import type { CryptoBackend } from './backend.ts';

/** The pure JavaScript reference. */
export async function loadNobleBackend(): Promise<CryptoBackend> {
  const { createNobleBackend } = await import('./noble.ts');
  return createNobleBackend();
}

/** The fast one without libsodium (X25519 and hashes by `node:crypto`): for the portable engine and the CLI. */
export async function loadNodeBackend(): Promise<CryptoBackend> {
  const { createNodeBackend } = await import('./node.ts');
  return createNodeBackend();
}
