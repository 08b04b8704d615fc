/**
 * `GET /metrics` for Prometheus. Only names of this very listener are accepted as Host, so that no web page that a
 * browser of this machine shows can read it (DNS rebinding). Loaded only where it is wanted.
 */

import { createServer, type IncomingMessage } from 'node:http';
import { METRICS_TYPE } from '../admin/index.ts';
import { MeshError } from '../base/index.ts';
import { formatHostPort, type HostPort, isIp4, isIp6, parseHostPort } from '../underlay/index.ts';
import { MAX_METRICS_CONNECTIONS, METRICS_TIMEOUT_MS } from './limits.ts';

/** A listener. */
export type MetricsServer = { readonly at: HostPort; readonly close: () => void };

/** Begins to serve. @param render the text. @throws MeshError ERR_PORT_IN_USE, ERR_ADDRESS, ERR_PERMISSION */
export async function openMetricsServer(at: HostPort, render: () => string): Promise<MetricsServer> {
  const server = createServer({ maxHeaderSize: 4096, requestTimeout: METRICS_TIMEOUT_MS }, (request, response) => {
    const refusal = refusalOf(request, at.host);
    if (refusal !== null) {
      response.writeHead(refusal, { 'content-type': 'text/plain', connection: 'close' }).end();
      return;
    }
    const text = render();
    response.writeHead(200, { 'content-type': METRICS_TYPE, 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? '' : text);
  });
  server.maxConnections = MAX_METRICS_CONNECTIONS;
  server.headersTimeout = METRICS_TIMEOUT_MS;
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(bindError(at, error.code ?? 'unknown')));
    server.listen({ host: at.host, port: at.port }, resolve);
  });
  server.on('error', () => undefined);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : at.port;
  return {
    at: { host: at.host, port },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The HTTP status by which a request is refused, null if it is answered. */
function refusalOf(request: IncomingMessage, host: string): number | null {
  if (!isOurName(request.headers.host ?? '', host)) return 421;
  if (request.method !== 'GET' && request.method !== 'HEAD') return 405;
  return (request.url ?? '').split('?')[0] === '/metrics' ? null : 404;
}

/** Addresses are always ours (no name leads a browser there); of names only `localhost` and the configured one. */
export function isOurName(header: string, host: string): boolean {
  const name = parseHostPort(header)?.host ?? header.replace(/^\[(.*)\]$/, '$1');
  return isIp4(name) || isIp6(name) || name.toLowerCase() === 'localhost' || name.toLowerCase() === host.toLowerCase();
}

function bindError(at: HostPort, code: string): MeshError {
  const where = `metrics.listen: ${formatHostPort(at)}`;
  if (code === 'EADDRINUSE') return new MeshError('ERR_PORT_IN_USE', `${where} is in use`, 'Set another port.');
  if (code === 'EACCES') return new MeshError('ERR_PERMISSION', `${where}: not permitted`, 'Use a port above 1023.');
  return new MeshError('ERR_ADDRESS', `${where} cannot be opened (${code})`, 'Try 127.0.0.1:9090.');
}
