/**
 * Neighbours in the local network: on which devices they are looked for, when these are told of us, and what is made of what is
 * heard there.
 *
 * Promises: a beacon is a hint; what follows from it is bounded, and never touches a link that works.
 * Refuses: to open anything; that is the daemon's. Follows protocol 04 §9.
 */
export { afterBeacon, type Beat, beginBeat } from './beat.ts';
export { chooseDevices, type DeviceChoice, type Door } from './choose.ts';
export { type HeardSender, Hearing } from './hearing.ts';
export { beaconPassword, LAN_LOGIN } from './password.ts';
