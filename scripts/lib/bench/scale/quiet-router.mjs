// A router that knows one way and looks for no other: it answers what it is asked, as it must, and names nobody. Thousands
// of nodes with the real one would look around in each other's neighbourhood, and this machine would measure that.

/**
 * @param load imports a file of dist
 * @returns a `createRouter` for createNode. `way()` is the only path: { address, key, label, hops }, null while there is none
 */
export async function quietRouters(load) {
  const { emitQuery, emitReply, newTxid, readMessage } = await load('route/query/messages.js');
  const { addressKey } = await load('crypto/index.js');

  function answer(event, protocol) {
    const query = readMessage(event.content)?.message;
    if (query?.kind !== 'query') return [];
    const { key, address, returnLabel: label } = event;
    const content = emitReply(protocol, query.txid, [], label);
    return [{ type: 'send', key, address, label, protocol: query.protocol, content }];
  }

  /** A session begins with a question in its first handshake packet. */
  function ask({ key, address, label }, { protocol, rng }) {
    const content = emitQuery(protocol, newTxid(rng), 'pn', null, label);
    return [{ type: 'send', key, address, label, protocol, content }];
  }

  function use(event, way, protocol) {
    if (way === null || addressKey(event.address) !== addressKey(way.address)) return [];
    return [{ type: 'usePath', ...way, protocol, rttMs: null, verified: true, holeUntilMs: null }];
  }

  return (way) =>
    (options) => ({
      handle: (event) => {
        if (event.type === 'message') return answer(event, options.protocol);
        if (event.type === 'probe') return ask(event, options);
        return event.type === 'wantPath' ? use(event, way(), options.protocol) : [];
      },
      nextDueMs: () => Number.POSITIVE_INFINITY,
      snapshot: () => [],
      gauges: () => ({ nodes: 0, hearsay: 0, links: 0, contacts: 0, targets: 0, searches: 0, pending: 0, timers: {} }),
      tooFar: () => null,
      farNodes: () => [],
    });
}
