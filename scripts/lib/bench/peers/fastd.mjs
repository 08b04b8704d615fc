// fastd in TUN mode, with the method it recommends. It joins two networks and passes nothing on, so it has no chain.
import { run } from '../lab.mjs';
import { isInstalled, lastWord, program } from '../programs.mjs';
import { PORT, tunnelAddress } from './common.mjs';

const METHOD = 'salsa2012+umac';
/** Its default of 1500 would be cut into fragments on a cable that carries 1500. */
const MTU_BYTES = 1426;

export const fastd = {
  name: 'fastd',
  relays: false,
  installed: () => isInstalled(program('FASTD')),
  version: () => lastWord(program('FASTD')),
  start: async (lab) => {
    const keys = lab.names.map(() => {
      const said = run([program('FASTD'), '--generate-key']);
      return { secret: /Secret:\s*(\w+)/.exec(said)[1], shown: /Public:\s*(\w+)/.exec(said)[1] };
    });
    const places = [lab.underlay(0, 'right'), lab.underlay(1, 'left')];
    for (let i = 0; i < 2; i++) {
      const other = 1 - i;
      const up = `ip addr add ${tunnelAddress(i)}/24 dev $INTERFACE; ip link set $INTERFACE up`;
      const config = `mode tun;
interface "fastd${i}";
method "${METHOD}";
mtu ${MTU_BYTES};
bind ${places[i]}:${PORT};
secret "${keys[i].secret}";
log level warn;
on up "${up}";
peer "other" { key "${keys[other].shown}"; remote ${places[other]}:${PORT}; }
`;
      lab.daemon(i, [program('FASTD'), '-c', lab.file(`fastd${i}.conf`, config)]);
    }
    return tunnelAddress(1);
  },
};
