/** The signer, loaded only when a supernode is configured: its library costs start-up time and memory. */
import type { Rng } from '../base/index.ts';
import type { CryptoBackend, SecretKey } from '../crypto/index.ts';
import type { Signer } from './signer.ts';

/** Loads the curve arithmetic and makes the signer of a node. */
export async function loadSigner(
  privateKey: SecretKey,
  crypto: Pick<CryptoBackend, 'sha512'>,
  rng: Rng,
): Promise<Signer> {
  const { createSigner } = await import('./signer.ts');
  return createSigner(privateKey, crypto, rng);
}
