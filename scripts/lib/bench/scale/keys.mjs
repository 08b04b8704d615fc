// Thousands of keys whose addresses lie in fc00::/8. One key in 256 does, and drawing each anew costs a whole
// multiplication of a curve point; here one point is added to the last instead, a tenth of the work. Such keys are related
// to each other: good for a benchmark, and for nothing else.
import { randomBytes } from 'node:crypto';

/** Points whose inversion is shared. */
const BATCH = 64;
/** Private keys of X25519 are multiples of 8. */
const STEP = 8n;

/** @param crypto dist/crypto/index.js @param curves noble's ed25519 module @returns a maker of identities */
export function keyMaker(crypto, backend, { ed25519 }) {
  const { Point } = ed25519;
  const { Fp } = Point;
  const step = Point.BASE.multiply(STEP);
  const start = randomBytes(32);
  start[0] &= 248;
  start[31] = 64; // clamped, and far from the end
  let scalar = BigInt(`0x${Buffer.from(start).reverse().toString('hex')}`);
  let point = Point.BASE.multiply(scalar % Point.Fn.ORDER);
  const found = [];

  /** Looks at the next points: u = (Z + Y) / (Z - Y) is the public key, its hash the address. */
  function search() {
    const points = Array.from({ length: BATCH }, () => {
      const one = { scalar, over: Fp.add(point.Z, point.Y), under: Fp.sub(point.Z, point.Y) };
      scalar += STEP;
      point = point.add(step);
      return one;
    });
    const inverses = Fp.invertBatch(points.map(({ under }) => under));
    points.forEach((one, i) => {
      const key = Fp.toBytes(Fp.mul(one.over, inverses[i]));
      if (crypto.addressOf(backend, key) !== null) found.push(identity(one.scalar));
    });
  }

  /** By libsodium, which says whether all this is true. */
  function identity(number) {
    const bytes = Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse();
    const made = crypto.identityOf(backend, new crypto.SecretKey(Uint8Array.from(bytes)));
    if (made === null) throw new Error('a key does not lead to an address in fc00::/8');
    return made;
  }

  return () => {
    while (found.length === 0) search();
    return found.pop();
  };
}
