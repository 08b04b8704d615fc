/** The longest packet that the way of a session carries, from what the first link and routing know of it. */
import type { LinkTable } from '../link/index.ts';
import { descriptor } from '../packet/index.ts';
import { BEFORE_SESSION_FRAME, type SessionNumber, type SessionTable } from '../session/index.ts';
import { LEAST_MTU } from '../tun/index.ts';
import { dataHeader, ipv6Header } from '../wire/index.ts';
import { LEAST_TCP_MTU } from './limits.ts';

/** What a link frame has more than the IPv6 packet in it: all headers in, the IPv6 header out. */
const MORE = BEFORE_SESSION_FRAME + descriptor.FRAME_OVERHEAD + dataHeader.SIZE - ipv6Header.SIZE;
/** No IPv6 packet without extensions is longer (RFC 8200 §3). */
const NO_LIMIT = 65_535 + ipv6Header.SIZE;

/** The longest IPv6 packet that TCP may count on towards the other end of a session, bytes; 65575 where nothing is known. */
export function pathMtu(links: LinkTable, sessions: SessionTable, session: SessionNumber, nowMs: number): number {
  const limitBytes = links.longestFrame[sessions.firstHop[session] as number] ?? 0;
  const ofLink = limitBytes > 0 ? limitBytes - MORE : NO_LIMIT;
  return Math.min(ofLink, nowMs < (sessions.holeUntilMs[session] as number) ? mtuOfHole(sessions, session) : NO_LIMIT);
}

function mtuOfHole(sessions: SessionTable, session: SessionNumber): number {
  // What is lost is known, not what would pass; below the least MTU it is TCP only that can do with less.
  return (sessions.holeBytes[session] as number) > LEAST_MTU ? LEAST_MTU : LEAST_TCP_MTU;
}
