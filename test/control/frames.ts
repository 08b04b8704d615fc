/** Control vectors, and packets made of them. */
import { fromLatin1 } from '../../src/base/index.ts';
import { asPublicKey, type PublicKey } from '../../src/crypto/index.ts';
import { reverse64 } from '../../src/switch/index.ts';
import { type ControlFrame, control, type SwitchHeader, switchHeader } from '../../src/wire/index.ts';
import { hex, vectors } from '../support/vectors.ts';

type Captured = {
  readonly seenAt: string;
  readonly direction: 'sent' | 'received';
  readonly switchHeader: string;
  readonly frame: string;
};

/** `control.json`. Frames are hex from the checksum on. */
export const controlVectors = vectors<{
  readonly checksums: readonly { readonly data: string; readonly checksum: string }[];
  readonly frames: readonly { readonly type: number; readonly version: number; readonly frame: string }[];
  readonly own: readonly { readonly type: number; readonly name: string; readonly frame: string }[];
  readonly captured: Readonly<Record<string, readonly Captured[]>>;
  readonly v20_auth_error_quirk: { readonly switchHeader: string; readonly frame: string };
}>('control');

/** Where the frame begins in a packet. */
export const FRAME_AT = 16;

/** A whole packet of a captured or made-up header and frame. */
export function packetFrom(header: string, frame: string): Uint8Array {
  return hex(`${header}ffffffff${frame}`);
}

/** A frame of the vectors, parsed. */
export function frameOf(digits: string): ControlFrame {
  const frame = control.parse(hex(digits));
  if (frame === null) throw new Error(`not a frame: ${digits}`);
  return frame;
}

/** The same frame as another version would have sent it. */
export function withVersion(frame: ControlFrame, version: number): Uint8Array {
  const body = new Uint8Array(frame.body);
  new DataView(body.buffer).setUint32(4, version);
  return control.emit({ type: frame.type, body });
}

/** Header of a packet that arrived from a node to which `returnLabel` leads. */
export function arrivedFrom(returnLabel: bigint): SwitchHeader {
  return { ...switchHeader.original(reverse64(returnLabel)), trafficClass: 0xffff, shiftBits: 8 };
}

/** Some key; nothing here looks into it. */
export function someKey(first = 0): PublicKey {
  const key = asPublicKey(fromLatin1(String.fromCharCode(...Array.from({ length: 32 }, (_, i) => first + i))));
  if (key === null) throw new Error('not a key');
  return key;
}
