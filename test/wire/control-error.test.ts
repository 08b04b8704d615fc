import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { concat } from '../../src/base/index.ts';
import { control, controlError } from '../../src/wire/index.ts';
import { hostile } from '../support/hostile.ts';
import { hex } from '../support/vectors.ts';

/** The example of protocol 02 §11.1, with the checksum as it should be. */
const CAUSE_HEADER = 'c8000000000000000048ffff';
const example = hex(`37a3000200000006${CAUSE_HEADER}${'00'.repeat(16)}0000000b00000001`);

function parse(bytes: Uint8Array): controlError.ControlError | null {
  const frame = control.parse(bytes);
  return frame && controlError.parse(frame);
}

t.test('an authentication error of a stock node', async (t) => {
  const error = parse(example) ?? assert.fail('refused');
  t.equal(error.code, controlError.CODE.authentication);
  t.match(controlError.causeHeader(error), { label: 0xc800_0000_0000_0000n, shiftBits: 8, trafficClass: 0xffff });
  t.same(controlError.authenticationDetail(error), { packet: new Uint8Array(16), errorNumber: 11, stateNumber: 1 });
  t.same(controlError.emit(error), example);
});

t.test('we report the way stock nodes do', async (t) => {
  const packet = concat(hex(CAUSE_HEADER), new Uint8Array(150));
  const cause = controlError.authenticationCause(packet, 11, 1);
  t.same(controlError.emit({ code: controlError.CODE.authentication, cause }), example);
});

t.test('a report about a short packet is filled up with zeros', async (t) => {
  const cause = controlError.authenticationCause(hex(`${CAUSE_HEADER}01`), 1, 2);
  t.same(cause, hex(`${CAUSE_HEADER}01${'00'.repeat(15)}0000000100000002`));
});

t.test('details without the state, as stock receivers cut them, and without details', async (t) => {
  const error = parse(example) ?? assert.fail('refused');
  const cut = (length: number): controlError.ControlError => ({ ...error, cause: error.cause.subarray(0, length) });
  t.match(controlError.authenticationDetail(cut(32)), { errorNumber: 11, stateNumber: null });
  t.equal(controlError.authenticationDetail(cut(31)), null);
  t.equal(controlError.causeHeader(cut(11)), null);
  t.equal(controlError.authenticationDetail({ ...error, code: 1 }), null);
});

t.test('what was written is read back; the cause ends after 256 bytes', async (t) => {
  fc.assert(
    fc.property(fc.nat(0xffff_ffff), fc.uint8Array({ maxLength: 400 }), (code, cause) => {
      const error = parse(controlError.emit({ code, cause }));
      assert.deepEqual(error, { code, cause: cause.slice(0, controlError.MAX_CAUSE) });
    }),
  );
  t.pass();
});

t.test('other types and missing codes are no errors', async (t) => {
  t.equal(controlError.parse({ type: control.TYPE.ping, body: new Uint8Array(40) }), null);
  t.equal(controlError.parse({ type: control.TYPE.error, body: new Uint8Array(3) }), null);
});

t.test('survives hostile input', async (t) => {
  const body = example.subarray(4);
  t.ok(hostile((bytes) => controlError.parse({ type: control.TYPE.error, body: bytes }), [body]).refused > 0);
  const details = (bytes: Uint8Array): unknown => controlError.authenticationDetail({ code: 6, cause: bytes });
  t.ok(hostile(details, [body.subarray(4)]).refused > 0);
});
