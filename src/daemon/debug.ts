/**
 * Aids for benchmarks and tests, asked for by the environment variable `FCMESH_DEBUG`, a comma list; none is on by
 * default, and none changes what the daemon does on the wire.
 *
 *   poison    packet memory is overwritten as soon as it is free
 *   timers    `Fcmesh_status` says how late timers are
 *   portable  the portable engine, although the native one is there (only without a TUN)
 *   avx2      packets are encrypted by this code, although the processor may have wider lanes (without AVX2: as usual)
 *   noGuard   no table of nftables, as on a kernel that has none
 *   tunOffload, tunUdpOffload, udpSend, udpReceive  this one is not used, as on a kernel that lacks it
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { OFFLOADS, type Offload } from '../engine/index.ts';
import { TIMER_PROBE_MS } from './limits.ts';

/** What is on. */
export type DebugOptions = {
  readonly poison: boolean;
  readonly timers: boolean;
  readonly portable: boolean;
  readonly noGuard: boolean;
  readonly avx2: boolean;
  /** Offloads that are left out. */
  readonly without: readonly Offload[];
};

/** Reads the comma list; words that it does not know are ignored, as befits a variable that may be of another version. */
export function readDebug(text = ''): DebugOptions {
  const words = new Set(text.split(',').map((word) => word.trim()));
  return {
    poison: words.has('poison'),
    timers: words.has('timers'),
    portable: words.has('portable'),
    noGuard: words.has('noGuard'),
    avx2: words.has('avx2'),
    without: OFFLOADS.filter((offload) => words.has(offload)),
  };
}

/**
 * Watches how late a timer of the event loop rings.
 * @returns a gauge: the 99th percentile since it was read last, µs
 */
export function watchTimers(): () => number {
  const probe = monitorEventLoopDelay({ resolution: TIMER_PROBE_MS });
  probe.enable();
  return () => {
    // It records the time from one ring to the next, in ns.
    const lateUs = Math.max(0, Math.round(probe.percentile(99) / 1000 - TIMER_PROBE_MS * 1000));
    probe.reset();
    return lateUs;
  };
}
