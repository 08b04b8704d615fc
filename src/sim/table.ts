/** The table of a report: one line per experiment; what the columns mean is in docs/simulation.md. */
import type { Report } from './experiment.ts';
import { COUNTED_AT_S } from './failure.ts';
import type { Lookup } from './lookups.ts';
import { quantile, share } from './statistics.ts';
import type { Kind } from './traffic-meter.ts';

/** A report in figures. Shares are 0 to 1, null = nothing to measure. */
export type Figures = {
  readonly labelledShare: number;
  readonly atFirstTry: number;
  readonly withRetries: number;
  readonly queries: number | null;
  readonly firstPathMs: readonly [number | null, number | null];
  readonly firstStretch: readonly [number | null, number | null];
  readonly refinedStretch: readonly [number | null, number | null];
  /** Router messages, handshakes and CTRL beyond link PINGs, bytes per second. */
  readonly own: number | null;
  readonly relayed: number | null;
  readonly linkPing: number | null;
};

/** What an experiment cost the machine. */
export type Cost = { readonly wallSeconds: number; readonly perNodeKiB: number };

/** Draws the figures out of a report. */
export function figuresOf(report: Report): Figures {
  const { lookups, labelledShare } = report.found;
  const spread = (pick: (lookup: Lookup) => number | null) => {
    const values = lookups.map(pick).filter((value) => value !== null);
    return [quantile(values, 0.5), quantile(values, 0.95)] as const;
  };
  const { background } = report;
  const sum = (field: 'own' | 'relayed', kinds: readonly Kind[]) =>
    background === null ? null : kinds.reduce((total, kind) => total + background[kind][field], 0);
  const counted: readonly Kind[] = ['handshake', 'control', 'router'];
  return {
    labelledShare,
    atFirstTry: share(lookups, (lookup) => lookup.atFirstTry),
    withRetries: share(lookups, (lookup) => lookup.withRetries),
    queries: spread((lookup) => lookup.queries)[0],
    firstPathMs: spread((lookup) => lookup.firstPathMs),
    firstStretch: spread((lookup) => lookup.firstStretch),
    refinedStretch: spread((lookup) => lookup.refinedStretch),
    own: sum('own', counted),
    relayed: sum('relayed', counted),
    linkPing: sum('own', ['linkPing']),
  };
}

const COLUMNS = [
  ['topology, N, seed', 20],
  ['label', 7],
  ['1st try', 8],
  ['10 s', 7],
  ['queries', 8],
  ['first ms', 13],
  ['first stretch', 15],
  ['refined', 13],
  ['B/s own+relayed', 17],
  ['PING', 6],
  [`work again after ${COUNTED_AT_S.join('/')} s`, 34],
  ['KiB/node', 8],
  ['wall s', 6],
] as const;

/** The line above the lines. */
export function tableHead(): string {
  return COLUMNS.map(([name, width]) => name.padEnd(width)).join(' ');
}

/** One experiment as a line of the table. @param cost null where nobody measured it */
export function tableLine(report: Report, cost: Cost | null = null): string {
  const { topology, nodes, seed } = report.options;
  const figures = figuresOf(report);
  const cells = [
    `${topology} ${nodes} s${seed}`,
    percent(figures.labelledShare),
    percent(figures.atFirstTry),
    percent(figures.withRetries),
    number(figures.queries, 0),
    pair(figures.firstPathMs, 0),
    pair(figures.firstStretch, 2),
    pair(figures.refinedStretch, 2),
    `${number(figures.own, 0)} + ${number(figures.relayed, 0)}`,
    number(figures.linkPing, 0),
    report.failure === null ? '-' : `${report.failure.working.map((part) => number(part * 100, 0)).join(' ')} %`,
    number(cost?.perNodeKiB ?? null, 0),
    number(cost?.wallSeconds ?? null, 0),
  ];
  return cells.map((cell, column) => cell.padEnd(COLUMNS[column]?.[1] ?? 0)).join(' ');
}

function percent(value: number): string {
  return `${number(value * 100, 1)} %`;
}

function pair([low, high]: readonly [number | null, number | null], digits: number): string {
  return `${number(low, digits)} / ${number(high, digits)}`;
}

function number(value: number | null, digits: number): string {
  return value === null ? '-' : value.toFixed(digits);
}
