/** Raw Ethernet as an engine has it: frames of type 0xfc00 between machines of one cable, without IP. Source: protocol 04 §9.4. */

/** A broadcast frame, which says who is there. */
export type EthernetBeacon = {
  /** Of the device that it came in by. */
  readonly deviceIndex: number;
  readonly device: string;
  /** Who sent it, `aa:bb:cc:dd:ee:ff`: an address of one machine. */
  readonly mac: string;
  /** Up to 2042 bytes, which belong to the receiver. */
  readonly content: Uint8Array;
};

/** Beacons of all devices, also of those that come later; closed with the engine. */
export type BeaconPort = {
  /** Tells everybody at a device. @param content at most 1492 bytes @returns false when it does not go: down, gone, full */
  readonly send: (deviceIndex: number, content: Uint8Array) => boolean;
  /** The oldest beacons that wait, 32 at most; malformed frames are counted (`recvMalformed`) and left out. */
  readonly receive: () => readonly EthernetBeacon[];
  /** Calls `onReadable` while beacons wait; a later call replaces it. */
  readonly watch: (onReadable: () => void) => void;
};

/** Raw Ethernet of an engine. What is opened once works on all devices, without privileges, also on those that come later. */
export type Ethernet = {
  /**
   * Opens the one socket for packets; the same number again afterwards. Its peers are `MAC@DEVICE` with port 0.
   * @throws MeshError ERR_PERMISSION (needs root or CAP_NET_RAW), ERR_UNSUPPORTED
   */
  readonly open: () => Promise<number>;
  /**
   * The devices by which strangers may come, by name, instead of those before; they need not be there yet. Of others only what is
   * known as an endpoint is received. @param devices at most 512 are heeded
   */
  readonly welcome: (devices: readonly string[]) => void;
  /** Opens the socket for beacons; the same port again afterwards. @throws MeshError as `open` */
  readonly openBeacons: () => Promise<BeaconPort>;
};
