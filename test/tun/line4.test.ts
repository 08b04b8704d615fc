import t from 'tap';
import { descriptor } from '../../src/packet/index.ts';
import { BEFORE_SESSION_FRAME, createSessionStages, lastInLabel } from '../../src/session/index.ts';
import { createSessionTable, enter, type SessionTable } from '../../src/session/table.ts';
import {
  createForwarder,
  createInterfaceTable,
  firstHop,
  reverse64,
  SELF_INTERFACE,
  UP,
} from '../../src/switch/index.ts';
import { createFirewall, createIncoming, createOutgoing } from '../../src/tun/index.ts';
import { GRACE_MS } from '../../src/tun/limits.ts';
import { cryptoAuthHeader, parseLabel, switchHeader } from '../../src/wire/index.ts';
import { seededRng, sure } from '../cryptoauth/support.ts';
import { createBench, RECEIVER, SENDER, sealedSlowly } from '../support/stage-bench.ts';
import { hex, vectors } from '../support/vectors.ts';

const { OFFSET, LENGTH, FRAME_OVERHEAD } = descriptor;

type Capture = {
  readonly nodes: readonly { readonly node: string; readonly ip6: string }[];
  readonly tunIn: { readonly bytes: string };
  readonly tunOut: { readonly bytes: string };
  readonly sessionPlaintext: { readonly bytes: string };
  readonly routerOutA: { readonly switchHeader: string; readonly afterSwitchHeader: string };
  readonly trace: readonly {
    readonly inIf: number;
    readonly outIf: number;
    readonly headerIn: string;
    readonly headerOut: string;
  }[];
  readonly routerInD: { readonly switchHeader: string; readonly returnLabel: string };
};

const capture = vectors<Capture>('capture-line4');
/** Bytes in front of a packet on stock's TUN. */
const TUN_FRAME_BYTES = 4;
const tunIn = hex(capture.tunIn.bytes).subarray(TUN_FRAME_BYTES);
const tunOut = hex(capture.tunOut.bytes).subarray(TUN_FRAME_BYTES);
const addressOf = (name: string) => hex(sure(capture.nodes.find(({ node }) => node === name)).ip6);
const HANDLE = Number.parseInt(capture.routerOutA.afterSwitchHeader.slice(0, 8), 16);

/** A table with one session, number 0. */
function tableWith(address: Uint8Array, handle: number): SessionTable {
  const table = createSessionTable();
  const view = new DataView(address.buffer, address.byteOffset);
  for (let word = 0; word < 4; word++) table.address[word] = view.getInt32(word * 4);
  table.handle[0] = handle;
  enter(table, 0);
  return table;
}

t.test('the captured packet goes from TUN to TUN over three relays as the stock nodes carried it', async (t) => {
  const { engine, data, counters, put, packet, get, set } = await createBench();
  const { arena } = engine;
  const hop = sure(firstHop(switchHeader.parse(hex(capture.routerOutA.switchHeader))?.label ?? 0n));

  // At A: the IPv6 header goes, data header, session frame, handle and switch header come.
  const ofA = tableWith(addressOf('D'), 4);
  Object.assign(ofA, {
    sendRow: Int32Array.of(SENDER),
    sendHandle: Int32Array.of(HANDLE),
    firstHop: Int32Array.of(hop.to),
    labelHigh: Int32Array.of(hop.labelHigh),
    labelLow: Int32Array.of(hop.labelLow),
    shift: Uint8Array.of(hop.shiftBits),
  });
  data.sendCounter[SENDER] = 13;
  const outgoing = createOutgoing(arena, ofA, addressOf('A'));
  put(0, arena.tunStart + 64, tunIn);
  t.equal(outgoing.classify(0), 0);
  outgoing.removeHeader(0);
  t.same(packet(0), hex(capture.sessionPlaintext.bytes));
  createSessionStages(arena, ofA, data, cryptoAuthHeader, counters).prepareSeal(0, 0, 0);
  engine.seal(0, 1);
  t.same(packet(0), sealedSlowly(hex(capture.sessionPlaintext.bytes), 13));
  const frame = get(0, OFFSET);
  const sent = arena.bytes.slice(frame - 16, frame + get(0, LENGTH));
  t.equal(sent.length, 12 + capture.routerOutA.afterSwitchHeader.length / 2, 'as long as the captured one');
  t.same(sent.subarray(12, 20), hex(capture.routerOutA.afterSwitchHeader.slice(0, 16)), 'handle and counter');

  // On the way: the switches of B, C and D.
  put(1, arena.receiveStart + FRAME_OVERHEAD, sent);
  for (const { inIf, outIf, headerIn, headerOut } of capture.trace.slice(1)) {
    t.same(packet(1).subarray(0, 12), hex(headerIn));
    const interfaces = createInterfaceTable();
    interfaces.state.fill(UP);
    t.equal(createForwarder(arena, interfaces).forwardOne(get(1, OFFSET), get(1, LENGTH), inIf), outIf);
    t.same(packet(1).subarray(0, 12), hex(headerOut));
  }
  t.same(packet(1).subarray(0, 12), hex(capture.routerInD.switchHeader));

  // At D: opened, and the header rebuilt.
  const ofD = tableWith(addressOf('A'), HANDLE);
  ofD.openRow[0] = RECEIVER;
  const stages = createSessionStages(arena, ofD, data, cryptoAuthHeader, counters);
  set(1, { [OFFSET]: get(1, OFFSET) - FRAME_OVERHEAD, [LENGTH]: get(1, LENGTH) + FRAME_OVERHEAD });
  t.ok(stages.prepareOpen(1, 2));
  t.equal(get(2, OFFSET) - get(1, OFFSET), BEFORE_SESSION_FRAME);
  engine.open(2, 1);
  const nextHeader = stages.acceptOpened(2, 0);
  t.equal(nextHeader, 0xfd);
  createIncoming(arena, ofD, addressOf('D')).rebuild(2, 0, nextHeader);
  t.same(packet(2), tunOut);
  const returnLabel = parseLabel(sure(capture.routerInD.returnLabel.match(/.{4}/g)).join('.'));
  t.equal(reverse64(lastInLabel(ofD, 0)), returnLabel);
  t.notOk(createFirewall(arena, [], seededRng('firewall'), -GRACE_MS).admits(get(2, OFFSET), get(2, LENGTH), 0));
  t.equal(SELF_INTERFACE, 1);
});
