/**
 * The daemon: the real world around a node. Configuration, privileges, sockets, TUN, log, admin socket, signals.
 *
 * Promises: what the operator can get wrong is told in a sentence with its remedy, before anything is opened or with
 * everything closed again; privileges are given up once all is open; SIGTERM ends it in under two seconds, and TUN,
 * routes and addresses are gone then.
 * Refuses: to know a protocol. Names are resolved in the background, never at the price of the start.
 * Follows protocol 10 (admin socket); the rest is ours.
 */
export { type DaemonOptions, runDaemon } from './run.ts';
