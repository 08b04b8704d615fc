import t from 'tap';
import { MeshError, silent } from '../../src/base/index.ts';
import { NETWORK_PATIENCE_MS, NETWORK_REST } from '../../src/daemon/limits.ts';
import { NetworkWatch } from '../../src/daemon/network-watch.ts';
import { VirtualClock } from '../../src/sim/virtual-clock.ts';
import type { NetworkDevice } from '../../src/underlay/index.ts';

function device(name: string, index: number, hosts: readonly string[] = []): NetworkDevice {
  const addresses = hosts.map((host) => ({ host, prefixLength: 24 }));
  const usual = { link: 'ethernet', kind: null, mac: null, mtuBytes: 1500, isUp: true, hasCarrier: true } as const;
  return { ...usual, index, name, master: null, addresses };
}

function setUp(lookTakesMs = 0, isDumb = () => false) {
  const clock = new VirtualClock();
  let now: readonly NetworkDevice[] = [device('eth0', 1), device('fc0', 2)];
  let tell: (what: 'devices' | 'way out') => void = () => undefined;
  let looks = 0;
  const source = {
    devices: () => {
      looks++;
      if (isDumb()) throw new MeshError('ERR_NETWORK', 'no buffer space');
      if (looks > 1 && lookTakesMs > 0) clock.runFor(lookTakesMs);
      return now;
    },
    watch: (onChange: typeof tell) => {
      tell = onChange;
    },
  };
  const told: string[] = [];
  const onChange = (devices: readonly NetworkDevice[]) => void told.push(devices.map(({ name }) => name).join(' '));
  const watch = new NetworkWatch({ source, clock, log: silent, own: 'fc0', onChange });
  const change = (what: 'devices' | 'way out', devices?: readonly NetworkDevice[]): void => {
    now = devices ?? now;
    tell(what);
  };
  return { clock, watch, told, change, looks: () => looks };
}

t.test('what changes together is told once, our own device never', async (t) => {
  const { clock, watch, told, change } = setUp();
  t.same(
    watch.devices.map(({ name }) => name),
    ['eth0'],
  );
  change('devices', [device('eth0', 1), device('eth1', 3), device('fc0', 2)]);
  clock.runFor(NETWORK_PATIENCE_MS / 2);
  change('devices', [device('eth0', 1), device('eth1', 3, ['10.0.0.1']), device('fc0', 2)]);
  clock.runFor(NETWORK_PATIENCE_MS);
  t.same(told, ['eth0 eth1']);
  t.same(watch.devices[1]?.addresses, [{ host: '10.0.0.1', prefixLength: 24 }]);
});

t.test('news that changes nothing is not told, another way out is', async (t) => {
  const { clock, told, change } = setUp();
  change('devices');
  clock.runFor(NETWORK_PATIENCE_MS);
  t.same(told, []);
  change('devices', [device('eth0', 1), device('fc0', 2, ['fc00::1'])]);
  clock.runFor(NETWORK_PATIENCE_MS);
  t.same(told, [], 'nor our own device');
  change('way out');
  clock.runFor(NETWORK_PATIENCE_MS);
  t.same(told, ['eth0']);
});

t.test('a storm of changes costs a twentieth of the time', async (t) => {
  const { clock, looks, change } = setUp(50);
  const before = looks();
  for (let i = 0; i < 1_000; i++) {
    change('devices', [device(`eth${i}`, i)]);
    clock.runFor(10);
  }
  t.ok((looks() - before) * 50 * NETWORK_REST <= 10_000 + 2 * 50 * NETWORK_REST);
});

t.test('after the end nobody is told', async (t) => {
  const { clock, watch, told, change } = setUp();
  change('way out');
  watch.close();
  clock.runFor(1_000);
  change('way out');
  clock.runFor(1_000);
  t.same(told, []);
});

t.test('a kernel that does not answer ends nothing: all is as it was until it does', async (t) => {
  let isDumb = true;
  const { clock, watch, told, change } = setUp(0, () => isDumb);
  t.same(watch.devices, []);
  isDumb = false;
  change('devices');
  clock.runFor(NETWORK_PATIENCE_MS);
  t.same(told, ['eth0']);
  isDumb = true;
  change('devices', []);
  clock.runFor(NETWORK_PATIENCE_MS);
  t.same(
    watch.devices.map(({ name }) => name),
    ['eth0'],
  );
});

t.test('another way out is told, also when it is no news that was waited for', async (t) => {
  const { clock, told, change } = setUp();
  change('devices');
  change('way out');
  clock.runFor(NETWORK_PATIENCE_MS);
  t.same(told, ['eth0']);
});
