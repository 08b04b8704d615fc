/** Names for passwords that tell equal ones from others, and nothing else: good as long as this process lives. */
import { createHmac, randomBytes } from 'node:crypto';
import type { Password } from '../crypto/index.ts';

const key = randomBytes(32);

/** Equal for equal passwords. */
export function passwordId(password: Password): string {
  return password.use((bytes) => createHmac('sha256', key).update(bytes).digest('base64'));
}
