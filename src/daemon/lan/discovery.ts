/**
 * Finds neighbours in the local network, and lets them find us: beacons go out by every device that is used, and who is heard
 * is named to the node, which finds out whether it is true. Source: protocol 04 §9.
 */
import { type Clock, type Counters, type Logger, MeshError, type Rng, readU32, type Timer } from '../../base/index.ts';
import type { Config } from '../../config/index.ts';
import { formatPublicKey, Password, type PublicKey } from '../../crypto/index.ts';
import {
  afterBeacon,
  type Beat,
  beginBeat,
  chooseDevices,
  type DeviceChoice,
  type Door,
  type HeardSender,
  Hearing,
  LAN_LOGIN,
} from '../../lan/index.ts';
import type { NodeControl } from '../../node/index.ts';
import type { BeaconPort } from '../../packet/index.ts';
import {
  broadcastOf,
  type Endpoint,
  formatPeerAddress,
  hostPortOf,
  isLinkLocal,
  isOnSegment,
  type NetworkDevice,
  parseEndpoint,
  senderOf,
  splitZone,
} from '../../underlay/index.ts';
import { type BeaconContent, beacon, PROTOCOL_VERSION } from '../../wire/index.ts';
import { ETHERNET_AFTER_MS } from '../limits.ts';
import type { Sockets } from '../sockets.ts';
import { BEACON_GROUP, type BeaconSocket, openBeaconSocket } from './beacon-socket.ts';

/** What discovery works with. */
export type DiscoveryOptions = {
  readonly lan: Config['lan'];
  /** Our own TUN device; null without one. */
  readonly own: string | null;
  readonly key: PublicKey;
  /** 20 bytes, what our beacons carry. */
  readonly password: Uint8Array;
  readonly node: Pick<NodeControl, 'addNeighbour' | 'addUser'>;
  readonly sockets: Pick<Sockets, 'all' | 'dial' | 'boundPort' | 'listen' | 'listening' | 'ethernet'>;
  /** Beacons of raw Ethernet; null without it. */
  readonly beacons: BeaconPort | null;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly counters: Counters;
  readonly log: Logger;
  /** Another maker of sockets, for tests. */
  readonly openSocket?: typeof openBeaconSocket;
};

/** Discovery that goes on. */
export type Discovery = {
  /** The devices of the machine are these now. */
  readonly update: (devices: readonly NetworkDevice[]) => void;
  readonly devices: () => readonly DeviceChoice[];
  readonly heard: () => readonly HeardSender[];
  /** What keeps it from working, for `status.warnings`. */
  readonly warnings: () => readonly string[];
  readonly close: () => void;
};

/** A device that is told of us. */
type Told = { readonly device: NetworkDevice; beat: Beat };

/** Begins. @param devices of the machine */
export function startDiscovery(options: DiscoveryOptions, devices: readonly NetworkDevice[]): Discovery {
  const discovery = new LanDiscovery(options);
  discovery.update(devices);
  return discovery;
}

class LanDiscovery implements Discovery {
  readonly #o: DiscoveryOptions;
  readonly #hearing: Hearing;
  readonly #told = new Map<number, Told>();
  readonly #warnings: string[] = [];
  #choices: readonly DeviceChoice[] = [];
  #ip4: BeaconSocket | null = null;
  #ip6: BeaconSocket | null = null;
  #timer: Timer | null = null;
  #opened: Promise<void> | null = null;
  #ip6Door: Promise<void> | null = null;
  #isOpen = true;

  constructor(options: DiscoveryOptions) {
    this.#o = options;
    this.#hearing = new Hearing(options.key, options.counters, options.clock.nowMs());
    this.#welcome();
    options.beacons?.watch(() => this.#ethernet());
  }

  /** Opens the sockets when the first device is used: a machine without one has nothing open to strangers. */
  async #open(): Promise<void> {
    const { lan, log, openSocket = openBeaconSocket } = this.#o;
    const hear = (bytes: Uint8Array, from: string): void => this.#udp(bytes, from);
    const onError = (reason: string): void => log.warn('lan.socket', { reason });
    this.#ip4 = await openSocket(4, lan.port, hear, onError);
    this.#ip6 = await openSocket(6, lan.port, hear, onError);
    if (this.#ip4?.isDeaf === true) this.#warnings.push(deafText(lan.port));
    if (!this.#isOpen) this.#closeSockets();
  }

  /** Whoever hears our beacons comes with what they carry. */
  #welcome(): void {
    const { lan, node, password } = this.#o;
    if (lan.beacon !== 'on') return;
    try {
      node.addUser({ login: LAN_LOGIN, password: Password.fromBytes(password), name: null });
    } catch (error) {
      if (!(error instanceof MeshError)) throw error;
      this.#warnings.push(
        `neighbours in the local network cannot dial us: ${error.message}; rename that login under accept`,
      );
    }
  }

  update(devices: readonly NetworkDevice[]): void {
    const { lan, own, sockets } = this.#o;
    this.#choices = chooseDevices(devices, lan.devices, own, sockets.listening.map(doorOf));
    sockets.ethernet.welcome(this.#used().map(({ name }) => name));
    if (this.#used().length === 0) return this.#tellAll();
    this.#opened ??= this.#open();
    void this.#opened.then(() => this.#tellAll());
  }

  /** Devices that are new, or that have another address, are told of us at once; those that are gone are forgotten. */
  #tellAll(): void {
    const used = this.#used();
    const nowMs = this.#o.clock.nowMs();
    for (const index of this.#told.keys()) if (!used.some((device) => device.index === index)) this.#told.delete(index);
    for (const device of used) {
      this.#ip6?.join(device.name, device.index);
      const before = this.#told.get(device.index);
      const isSame =
        before !== undefined && JSON.stringify(before.device.addresses) === JSON.stringify(device.addresses);
      this.#told.set(device.index, { device, beat: isSame ? before.beat : beginBeat(nowMs) });
    }
    this.#beat();
  }

  devices(): readonly DeviceChoice[] {
    return this.#choices;
  }

  heard(): readonly HeardSender[] {
    return this.#hearing.senders();
  }

  warnings(): readonly string[] {
    return this.#warnings;
  }

  close(): void {
    this.#isOpen = false;
    this.#timer?.cancel();
    this.#o.sockets.ethernet.welcome([]);
    this.#closeSockets();
  }

  #closeSockets(): void {
    this.#ip4?.close();
    this.#ip6?.close();
    this.#ip4 = this.#ip6 = null;
  }

  #used(): readonly NetworkDevice[] {
    return this.#choices.flatMap(({ device, reason }) => (device === null || reason !== null ? [] : [device]));
  }

  /** Tells each device that is due, and waits for the next. */
  #beat(): void {
    const { lan, clock, rng } = this.#o;
    this.#timer?.cancel();
    this.#timer = null;
    if (lan.beacon !== 'on' || !this.#isOpen) return;
    const nowMs = clock.nowMs();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const told of this.#told.values()) {
      if (told.beat.dueMs <= nowMs) {
        void this.#tell(told.device);
        told.beat = afterBeacon(told.beat, readU32(rng.bytes(4), 0) / 2 ** 32, nowMs);
      }
      nextMs = Math.min(nextMs, told.beat.dueMs);
    }
    if (nextMs < Number.POSITIVE_INFINITY) this.#timer = clock.after(nextMs - nowMs, () => this.#beat());
  }

  /** By IP first, where there is any: packets go joined there, so that is the better link. */
  async #tell(device: NetworkDevice): Promise<void> {
    await this.#tellByIp(device);
    if (device.addresses.length === 0) this.#tellByEthernet(device);
    else this.#o.clock.after(ETHERNET_AFTER_MS, () => this.#tellByEthernet(device));
  }

  #tellByEthernet({ name, index }: NetworkDevice): void {
    const { beacons, log } = this.#o;
    if (beacons === null || !this.#isOpen || beacons.send(index, beacon.emitContent(this.#content()))) return;
    log.debug('lan.unsent', { device: name, reason: 'raw Ethernet' });
  }

  /** One beacon for each address of IPv4; where there is none, by the address that IPv6 makes by itself. */
  async #tellByIp({ name, addresses }: NetworkDevice): Promise<void> {
    const segments = addresses.flatMap((address) => {
      const broadcast = broadcastOf(address);
      return broadcast === null ? [] : [{ host: address.host, broadcast }];
    });
    for (const { host, broadcast } of segments) await this.#send(this.#ip4, host, broadcast, name);
    const local = addresses.find(({ host }) => isLinkLocal(host));
    if (segments.length > 0 || local === undefined) return;
    this.#ip6Door ??= this.#openIp6Door();
    await this.#ip6Door;
    await this.#send(this.#ip6, `${local.host}%${name}`, `${BEACON_GROUP}%${name}`, name);
  }

  /**
   * Neighbours without addresses come by IPv6: by the port of `listen`, so that they know us after a restart; by any where that
   * is taken, which `dial` opens.
   */
  async #openIp6Door(): Promise<void> {
    const { sockets, log } = this.#o;
    if (sockets.all().some(({ host }) => host === '::')) return;
    const first = parseEndpoint(sockets.listening[0] ?? '');
    const port = (first === null ? null : hostPortOf(first)?.port) ?? 0;
    try {
      await sockets.listen({ transport: 'udp', host: '::', port });
    } catch (error) {
      if (!(error instanceof MeshError)) throw error;
      log.debug('lan.ip6_door', { reason: error.message });
    }
  }

  async #send(socket: BeaconSocket | null, ownHost: string, to: string, device: string): Promise<void> {
    const { sockets, log } = this.#o;
    const data = await sockets.dial({ transport: 'udp', host: ownHost, port: 1 });
    if (socket === null || data === null || !this.#isOpen) return;
    const bytes = beacon.emit({ port: sockets.boundPort(data), ...this.#content() });
    socket.send(bytes, to, (reason) => log.debug('lan.unsent', { device, reason }));
  }

  #content(): BeaconContent {
    const { key, password } = this.#o;
    return { protocol: PROTOCOL_VERSION, password, publicKey: key };
  }

  #ethernet(): void {
    for (const { device, mac, content: bytes } of this.#o.beacons?.receive() ?? []) {
      if (!this.#isOpen || !this.#mayHear()) continue;
      const content = this.#hearing.ethernet(bytes);
      if (content === null) continue;
      if (this.#used().some(({ name }) => name === device))
        void this.#found({ transport: 'eth', device, mac }, content);
      else this.#o.counters.add('lan.elsewhere');
    }
  }

  #udp(bytes: Uint8Array, from: string): void {
    const { lan, counters } = this.#o;
    if (!this.#mayHear()) return;
    const read = this.#hearing.udp(bytes, lan.port);
    if (read === null) return;
    if (!this.#isNear(from)) return counters.add('lan.elsewhere');
    void this.#found({ transport: 'udp', host: from, port: read.port }, read.content);
  }

  #mayHear(): boolean {
    const { clock, log } = this.#o;
    const wants = this.#hearing.wants(clock.nowMs());
    if (wants === 'overflow') log.warn('lan.flood', { reason: 'more beacons than a network has; the rest is ignored' });
    return wants === 'yes';
  }

  /** Whether a sender is on the segment of a device that is used: who is elsewhere did not send this, or should not. */
  #isNear(from: string): boolean {
    const [host, zone] = splitZone(from);
    return this.#used().some(({ name, addresses }) =>
      zone === null ? addresses.some((address) => isOnSegment(address, host)) : isLinkLocal(host) && zone === name,
    );
  }

  /** Somebody takes links there, or says so. */
  async #found(at: Endpoint, content: BeaconContent): Promise<void> {
    const { node, sockets, clock, log } = this.#o;
    const { publicKey, password } = content;
    const socket = await sockets.dial(at);
    const sender = senderOf(at);
    if (socket === null || sender === null || !this.#isOpen) return;
    const result = node.addNeighbour({ endpoint: { ...sender, socket }, key: publicKey, password });
    const endpoint = formatPeerAddress(at);
    const isGood = result === 'begun' || result === 'known';
    this.#hearing.note(endpoint, publicKey, isGood ? null : result, clock.nowMs());
    if (result === 'begun') log.info('lan.found', { peer: formatPublicKey(publicKey), endpoint });
    else if (!isGood) log.debug('lan.ignored', { endpoint, reason: result });
  }
}

/** An endpoint that this node listens at, as `formatEndpoint` writes it. */
function doorOf(listening: string): Door {
  const at = parseEndpoint(listening);
  const host = at === null ? null : hostPortOf(at)?.host;
  return host === '0.0.0.0' || host === '::' ? 'all' : (host ?? '');
}

function deafText(port: number): string {
  return `another program has UDP port ${port} for itself, so no beacons are heard (ours are sent): a cjdroute beside us? end it, or set another lan.port on all nodes`;
}
