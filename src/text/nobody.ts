/** What to do where nobody is connected, in the commands and on the dashboard alike. */
import { plural } from './units.ts';

/** One sentence or two. @param invited logins under `accept`, by which others may dial */
export function nobodyText(invited: number): string {
  if (invited === 0)
    return "Nobody is connected: invite somebody (fcmesh invite --name THEM), or join with the line that they sent you (fcmesh join --save 'LINE').";
  return `Nobody is connected yet; ${plural(invited, 'login')} may connect: whoever has a line of fcmesh invite joins with it. Firewalls and routers in front of this machine have to let its UDP port in.`;
}
