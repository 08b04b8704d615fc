import t from 'tap';
import { openSockets } from '../../src/daemon/sockets.ts';
import { type Endpoint, endpointAt, parseEndpoint } from '../../src/underlay/index.ts';
import { endpointEngine } from '../link/support.ts';

/** Sockets of a machine that sends from 192.0.2.1 to 192.0.2.0/24, from 10.0.0.1 to 10.0.0.0/8, and nowhere else. */
async function openAt(...listen: readonly string[]) {
  const { engine } = endpointEngine();
  const opened: string[] = [];
  const counting = {
    ...engine,
    openUdp: async ({ host }: { readonly host: string }) => opened.push(host) - 1,
    boundPort: () => 21_000,
  };
  const at = listen.map((text) => parseEndpoint(text, true)).filter((one): one is Endpoint => one !== null);
  const sourceOf = async (address: string) => {
    if (address.startsWith('192.0.2.')) return '192.0.2.1';
    return address.startsWith('10.') ? '10.0.0.1' : null;
  };
  const sockets = await openSockets(counting, at, () => undefined, { sourceOf, lookUp: async () => [] });
  const dial = (host: string) => sockets.dial(endpointAt({ host, port: 1 }));
  return { dial, sockets, opened };
}

t.test('a dial leaves by the socket from which its peer is reached, not by the first of its family', async (t) => {
  const { dial, opened } = await openAt('udp://127.0.0.1:21000', 'udp://192.0.2.1:21001', 'udp://10.0.0.1:21002');
  t.equal(await dial('192.0.2.7'), 1);
  t.equal(await dial('10.9.9.9'), 2);
  t.equal(opened.length, 3);
});

t.test('a socket bound to all addresses reaches everybody', async (t) => {
  const { dial, opened } = await openAt('udp://127.0.0.1:21000', 'udp://0.0.0.0:21001');
  t.equal(await dial('192.0.2.7'), 1);
  t.equal(await dial('203.0.113.9'), 1);
  t.equal(opened.length, 2);
});

t.test('where no socket reaches a peer, one more is opened, once', async (t) => {
  const { dial, opened } = await openAt('udp://127.0.0.1:21000');
  t.equal(await dial('192.0.2.7'), 1);
  t.equal(await dial('10.0.0.9'), 1);
  t.same(opened, ['127.0.0.1', '0.0.0.0']);
  t.equal(await dial('2001:db8::1'), 2);
  t.same(opened, ['127.0.0.1', '0.0.0.0', '::']);
});

t.test('an engine without raw Ethernet refuses to listen there, and has no such network to dial', async (t) => {
  await t.rejects(openAt('eth://eth0'), { code: 'ERR_UNSUPPORTED', message: /needs the native engine/ });
  const { sockets } = await openAt();
  t.equal(await sockets.dial({ transport: 'eth', device: 'eth0', mac: '02:00:00:00:00:01' }), null);
});

t.test('where we listen is said with the port that the kernel gave', async (t) => {
  const { sockets } = await openAt('udp://192.0.2.1:0');
  t.same(sockets.listening, ['udp://192.0.2.1:21000']);
  t.same(sockets.all(), [{ number: 0, name: '192.0.2.1:21000', host: '192.0.2.1', family: 4 }]);
});
