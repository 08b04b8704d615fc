import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import t from 'tap';
import { renderMetrics } from '../../src/admin/index.ts';
import { isOurName, openMetricsServer } from '../../src/daemon/metrics-server.ts';
import { fakeNode, peer } from '../admin/fake-node.ts';

const FACTS = { version: '0.1.0', memoryBytes: 1e8, cpuSeconds: 1.5, logStreams: 0 };

function get(port: number, path: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers, method }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.on('error', reject).end();
  });
}

t.test('the text is what Prometheus reads: each metric once, values with units, hostile names harmless', async (t) => {
  const peers = [peer(1, { name: 'a"b\\c\n\u001b[2J' }), peer(2, { rttUs: null, quality: null })];
  const text = renderMetrics(fakeNode({ peers, counters: new Map([['tun.firewall', 7]]) }).inspect(), FACTS);
  const lines = text.trimEnd().split('\n');
  const types = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2]);
  t.equal(new Set(types).size, types.length);
  for (const line of lines) t.match(line, /^(# (HELP|TYPE) [a-z_0-9]+ .+|[a-z_0-9]+(\{[^\n]*\})? -?[\d.e+-]+)$/, line);
  t.match(text, 'name="a\\"b\\\\c??[2J"');
  t.match(text, 'fcmesh_peer_round_trip_seconds{peer="fc00:0001:cdcd:cdcd:cdcd:cdcd:cdcd:cdcd"');
  t.match(text, '} 0.001234\n');
  t.equal(text.match(/^fcmesh_peer_round_trip_seconds\{/gm)?.length, 1, 'unknown values are left out');
  t.match(text, 'fcmesh_events_total{event="tun.firewall"} 7\n');
});

t.test('the board for Grafana asks for nothing that is not served, and shows all that matters', async (t) => {
  const board = JSON.parse(readFileSync(new URL('../../config/grafana.json', import.meta.url), 'utf8'));
  const asked = new Set(JSON.stringify(board).match(/\b(?:fcmesh|process)_[a-z0-9_]+/g));
  const node = fakeNode({ peers: [peer(1)], counters: new Map([['tun.firewall', 7]]) });
  const text = renderMetrics(node.inspect(), FACTS);
  const served = new Map(
    [...text.matchAll(/^([a-z_0-9]+)(?:\{([^}\n]*)\})? /gm)].map(([, name, labels]) => [name, labels]),
  );
  for (const name of asked) t.ok(served.has(name), name);
  t.ok(asked.size >= 14, `${asked.size} metrics`);
  for (const [, label] of JSON.stringify(board).matchAll(/\{\{(\w+)\}\}/g)) {
    // `instance` is put on by Prometheus itself.
    const isKnown = label === 'instance' || [...served.values()].some((labels) => labels?.includes(`${label}=`));
    t.ok(isKnown, `label ${label}`);
  }
  for (const panel of board.panels) t.ok(panel.title && panel.targets.every((one: { expr?: string }) => one.expr));
});

t.test('only the text is served, only to names of this listener', async (t) => {
  const server = await openMetricsServer({ host: '127.0.0.1', port: 0 }, () => 'x 1\n');
  t.teardown(server.close);
  const { port } = server.at;
  t.same(await get(port, '/metrics'), { status: 200, text: 'x 1\n' });
  t.equal((await get(port, '/metrics', { host: 'evil.example' })).status, 421);
  t.equal((await get(port, '/metrics', { host: `localhost:${port}` })).status, 200);
  t.equal((await get(port, '/')).status, 404);
  t.equal((await get(port, '/metrics', {}, 'POST')).status, 405);
  await t.rejects(
    openMetricsServer({ host: '127.0.0.1', port }, () => ''),
    { code: 'ERR_PORT_IN_USE' },
  );
  t.equal(isOurName('[::1]:9090', '127.0.0.1'), true);
  t.equal(isOurName('127.0.0.1.evil.example', '127.0.0.1'), false);
  t.equal(isOurName('', '127.0.0.1'), false);
  t.equal(isOurName('mesh.example:9090', 'mesh.example'), true);
});
