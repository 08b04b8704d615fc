/**
 * One node: all layers wired together, with no operating system in it. Time, randomness, packets and crypto are
 * parameters. What happens, and what a layer wants done, is `Work`; this file says who does which work, and the queue
 * does one after the other.
 */
import { type Clock, type Counters, createCounters } from '../base/index.ts';
import { sessionWord, switchHeader } from '../wire/index.ts';
import { markCarriers } from './carries.ts';
import { createDiagnose } from './diagnose.ts';
import { createInspect } from './inspect.ts';
import { buildLayers, type Layers } from './layers.ts';
import { createOperate } from './operate.ts';
import type { MeshNode, NodeOptions } from './options.ts';
import { patientClock } from './patient-clock.ts';
import { Rehearsal } from './rehearsal.ts';
import { type DueLayer, Schedule } from './schedule.ts';
import { type Work, WorkQueue } from './work.ts';

type Of<Type extends Work['type']> = Work & { readonly type: Type };

/** Makes a node. */
export function createNode(options: NodeOptions): MeshNode {
  const { engine, identity, crypto, rng } = options;
  const clock = patientClock(options.clock);
  const counters = createCounters();
  const queue = new WorkQueue(
    (work) => dispatcher.perform(work),
    () => schedule.arm(),
  );
  const layers = buildLayers(options, clock, counters, queue);
  const schedule = new Schedule({ clock, queue, ...layers });
  const dispatcher = new Dispatcher(layers, schedule, clock, counters, queue);
  const rehearsal = new Rehearsal({ identity, engine, clock, rng, log: options.log, ...layers });
  schedule.arm();

  return {
    ...createInspect({ identity, clock, engine, counters, rehearsal, ...layers }),
    ...createDiagnose({ queue, ...layers }),
    ...createOperate({ crypto, clock, rng, engine, schedule, queue, ...layers }),
    counters,
    useSocket: (socket, transport) => {
      layers.peers.useSocket(socket, transport);
      engine.watch(socket, (readable, writable) => layers.path.onSocket(socket, readable, writable));
    },
    useTun: () => engine.watch('tun', () => layers.path.onTun()),
    rehearse: () => rehearsal.begin(),
    close: () => {
      queue.close();
      schedule.close();
      rehearsal.close();
      const { supernodes, requests, adminQueries, sessions, links } = layers;
      for (const layer of [supernodes, requests, adminQueries, sessions, links]) layer.close();
    },
  };
}

/** Gives each work to whoever does it. */
class Dispatcher {
  readonly #layers: Layers;
  readonly #schedule: Schedule;
  readonly #clock: Clock;
  readonly #counters: Counters;
  readonly #queue: WorkQueue;

  constructor(layers: Layers, schedule: Schedule, clock: Clock, counters: Counters, queue: WorkQueue) {
    this.#layers = layers;
    this.#schedule = schedule;
    this.#clock = clock;
    this.#counters = counters;
    this.#queue = queue;
  }

  perform(work: Work): void {
    const { links, transmitter, linkEffects, sessionEffects, routeEffects, supernodes } = this.#layers;
    const queue = this.#queue;
    const nowMs = this.#clock.nowMs();
    switch (work.type) {
      case 'datagram':
        return queue.post({
          type: 'links',
          effects: links.receive(work.bytes, work.slot, work.arrival, work.sender, nowMs),
        });
      case 'heard':
        return queue.post({ type: 'links', effects: links.markAlive(work.peer, nowMs) });
      case 'switch':
        return transmitter.send(work.packet, work.from, work.via, work.way ?? null, nowMs);
      case 'undeliverable':
        return transmitter.report(work.packet, work.from, work.code, nowMs);
      case 'local':
        return this.#local(work);
      case 'content':
        return this.#content(work);
      case 'unready':
        return sessionEffects.unready(work.packet);
      case 'tooBig':
        return sessionEffects.tooBig(work.packet, work.session);
      case 'refused':
        return sessionEffects.refused(work.packet);
      case 'traffic':
        return this.#schedule.expectTraffic(work.peer);
      case 'ownTraffic':
        return this.#schedule.expectAnswers();
      case 'due':
        return this.#due(work.layer, nowMs);
      case 'links':
        return linkEffects.perform(work.effects);
      case 'sessions':
        if (work.effects.length > 0) this.#schedule.sessionsChanged();
        return sessionEffects.perform(work.effects);
      case 'router':
        return routeEffects.perform(work.effects, work.reply);
      case 'supernodes':
        return supernodes.perform(work.effects);
      case 'tell':
        return this.#tell(work, nowMs);
    }
  }

  #local({ packet, from, via }: Of<'local'>): void {
    const { control, sessionEffects, supernodes } = this.#layers;
    const header = switchHeader.parse(packet);
    const word = sessionWord.parse(packet.subarray(switchHeader.SIZE));
    if (header === null || word === null) return this.#counters.add('node.runt');
    if (word.kind === 'ctrl') control.receive(packet, from, via, supernodes.inUse());
    else sessionEffects.receive(packet, header, word.kind === 'handshake');
  }

  #content({ session: number, contentType, content, label }: Of<'content'>): void {
    const session = this.#layers.sessions.byNumber(number);
    if (session !== null) this.#layers.sessionEffects.content(session, contentType, content, label, null);
  }

  /** Routing hears of everything but answers to what others asked. */
  #tell({ event, reply }: Of<'tell'>, nowMs: number): void {
    const { adminQueries, supernodes, router } = this.#layers;
    if (event.type === 'message') {
      if (adminQueries.take(event.key, event.content) || supernodes.receive(event)) return;
    }
    supernodes.overhear(event);
    this.#queue.post({ type: 'router', effects: router.handle(event, nowMs), reply });
  }

  #due(layer: DueLayer, nowMs: number): void {
    const { control, rates, links, sessions, sessionEffects, supernodes } = this.#layers;
    const queue = this.#queue;
    if (layer === 'links') {
      control.expire();
      rates.update(nowMs);
    }
    if (!this.#schedule.isDue(layer, nowMs)) return;
    if (layer === 'links') queue.post({ type: 'links', effects: links.tick(nowMs) });
    else if (layer === 'router') queue.tell({ type: 'tick' });
    else if (layer === 'supernodes') supernodes.tick();
    else {
      sessionEffects.perform(sessions.tick(nowMs));
      sessionEffects.report(nowMs);
      markCarriers(links.table, sessions);
    }
  }
}
