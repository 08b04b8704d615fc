/** Texts that do not fit a request (2048 bytes), sent in parts: the configuration on `reload`. */
import { BoundedMap, concat } from '../base/index.ts';
import { MAX_UPLOAD_BYTES, MAX_UPLOAD_PARTS, MAX_UPLOADS, UPLOAD_MS } from './limits.ts';

type Upload = {
  readonly sinceMs: number;
  readonly parts: Map<number, Uint8Array>;
  readonly total: number;
  bytes: number;
};

/** Texts on their way. */
export class Uploads {
  readonly #uploads = new BoundedMap<string, Upload>(MAX_UPLOADS);

  /**
   * Takes one part; the same part may come twice.
   * @param id of the whole, chosen by the sender
   * @returns the whole once it is complete, `open` before, `refused` for what does not fit together or is too large
   */
  take(id: string, index: number, total: number, part: Uint8Array, nowMs: number): Uint8Array | 'open' | 'refused' {
    if (total < 1 || total > MAX_UPLOAD_PARTS || index < 0 || index >= total) return 'refused';
    const known = this.#uploads.get(id);
    const fresh = known === undefined || nowMs - known.sinceMs > UPLOAD_MS;
    const upload: Upload = fresh ? { sinceMs: nowMs, parts: new Map(), total, bytes: 0 } : known;
    if (fresh) this.#uploads.set(id, upload);
    if (upload.total !== total) return 'refused';
    if (!upload.parts.has(index)) {
      upload.bytes += part.length;
      upload.parts.set(index, part);
    }
    if (upload.bytes > MAX_UPLOAD_BYTES) {
      this.#uploads.delete(id);
      return 'refused';
    }
    if (upload.parts.size < total) return 'open';
    this.#uploads.delete(id);
    const whole = concat(...Array.from({ length: total }, (_, number) => upload.parts.get(number) ?? new Uint8Array()));
    for (const one of upload.parts.values()) one.fill(0); // there are passwords in them
    return whole;
  }
}
