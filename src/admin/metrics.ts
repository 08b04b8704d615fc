/**
 * What Prometheus reads: one text a question, made from a snapshot of the node. Names and units are in docs/manual.md.
 * A library for this costs more to load than all of it; the format is a page long (text format 0.0.4).
 */
import { formatIp6 } from '../crypto/index.ts';
import { REFUSAL_REASONS } from '../link/index.ts';
import type { NodeSnapshot, PeerSnapshot } from '../node/index.ts';
import { nameOf } from './names.ts';

/** The content type of the text. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** What only the process knows. */
export type MetricsFacts = {
  readonly version: string;
  readonly memoryBytes: number;
  readonly cpuSeconds: number;
  readonly logStreams: number;
};

type Labels = Readonly<Record<string, string>>;
type Kind = 'gauge' | 'counter';

/** Lines of one metric after the other. */
class Exposition {
  readonly #lines: string[] = [];

  add(name: string, kind: Kind, help: string, values: readonly (readonly [Labels, number | null])[]): void {
    const known = values.filter(([, value]) => value !== null && Number.isFinite(value));
    if (known.length === 0) return;
    this.#lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`);
    for (const [labels, value] of known) this.#lines.push(`${name}${textOf(labels)} ${value}`);
  }

  text(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}

/** The metrics of a node. */
export function renderMetrics(node: NodeSnapshot, facts: MetricsFacts): string {
  const out = new Exposition();
  const one = (value: number | null): readonly [Labels, number | null][] => [[{}, value]];
  const { version, memoryBytes, cpuSeconds, logStreams } = facts;
  out.add('fcmesh_info', 'gauge', 'Always 1; the labels say what runs.', [
    [{ version, protocol: String(node.protocol), engine: node.engine, address: formatIp6(node.address) }, 1],
  ]);
  out.add('fcmesh_uptime_seconds', 'gauge', 'Time since the node was made.', one(node.uptimeMs / 1000));
  out.add('fcmesh_peers', 'gauge', 'Links by state.', countByState(node.peers));
  out.add('fcmesh_sessions', 'gauge', 'End-to-end sessions.', one(node.sessions.length));
  out.add('fcmesh_routes', 'gauge', 'Nodes a way is known to.', one(node.routes.length));
  out.add('fcmesh_refused', 'gauge', 'Links turned away, of those remembered.', refused(node));
  peers(out, node.peers);
  const events = [...node.counters].map(([event, count]): [Labels, number] => [{ event }, count]);
  out.add('fcmesh_events_total', 'counter', 'Packets dropped and other events, by name.', events);
  const engine = Object.entries(node.engineDetails).filter(([, value]) => typeof value === 'number');
  const counts = engine.map(([counter, value]): [Labels, number] => [{ counter }, Number(value)]);
  out.add('fcmesh_engine_total', 'counter', 'Counters of the engine: system calls, packets.', counts);
  out.add('fcmesh_log_streams', 'gauge', 'Readers of the log over the admin API.', one(logStreams));
  out.add('process_resident_memory_bytes', 'gauge', 'Memory of the process.', one(memoryBytes));
  out.add('process_cpu_seconds_total', 'counter', 'CPU time of the process.', one(cpuSeconds));
  return out.text();
}

function peers(out: Exposition, all: readonly PeerSnapshot[]): void {
  const each = (value: (peer: PeerSnapshot) => number | null) =>
    all.map((peer): [Labels, number | null] => [labelsOf(peer), value(peer)]);
  const perSecond = (us: number | null) => (us === null ? null : us / 1e6);
  out.add(
    'fcmesh_peer_up',
    'gauge',
    'Is the link established?',
    each((peer) => (peer.state === 'established' ? 1 : 0)),
  );
  out.add(
    'fcmesh_peer_quality',
    'gauge',
    'Quality of the link, 0 to 100.',
    each((peer) => peer.quality),
  );
  out.add(
    'fcmesh_peer_round_trip_seconds',
    'gauge',
    'Median round trip.',
    each((peer) => perSecond(peer.rttUs)),
  );
  const p95 = each((peer) => perSecond(peer.rttP95Us));
  out.add('fcmesh_peer_round_trip_p95_seconds', 'gauge', '95th percentile of the round trip.', p95);
  out.add(
    'fcmesh_peer_jitter_seconds',
    'gauge',
    'Mean change between round trips.',
    each((peer) => perSecond(peer.jitterUs)),
  );
  const loss = each((peer) => (peer.lossPpm === null ? null : peer.lossPpm / 1e6));
  out.add('fcmesh_peer_loss_ratio', 'gauge', 'Share of packets lost, 0 to 1.', loss);
  out.add(
    'fcmesh_peer_receive_bytes_total',
    'counter',
    'Bytes received.',
    each((peer) => peer.rxBytes),
  );
  out.add(
    'fcmesh_peer_transmit_bytes_total',
    'counter',
    'Bytes sent.',
    each((peer) => peer.txBytes),
  );
  out.add(
    'fcmesh_peer_lost_packets_total',
    'counter',
    'Gaps in the counters of what came in.',
    each((peer) => peer.lost),
  );
  out.add(
    'fcmesh_peer_duplicate_packets_total',
    'counter',
    'Packets that came twice.',
    each((peer) => peer.duplicates),
  );
}

function labelsOf(peer: PeerSnapshot): Labels {
  const { endpoint, direction } = peer;
  return { peer: formatIp6(peer.address), name: nameOf(peer) ?? '', endpoint, direction };
}

function countByState(all: readonly PeerSnapshot[]): readonly [Labels, number][] {
  const states = ['established', 'handshake', 'unresponsive', 'incompatible'] as const;
  return states.map((state) => [{ state }, all.filter((peer) => peer.state === state).length]);
}

function refused(node: NodeSnapshot): readonly [Labels, number][] {
  const sum = (reason: string) =>
    node.refused.filter((one) => one.reason === reason).reduce((total, one) => total + one.count, 0);
  return REFUSAL_REASONS.map((reason) => [{ reason }, sum(reason)]);
}

function textOf(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Names of peers come from people: nothing of them may end the line or the label. */
function escaped(value: string): string {
  return value
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?')
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"');
}
