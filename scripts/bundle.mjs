#!/usr/bin/env node
// Joins what `fcmesh` loads into a few files, after tsc: finding and reading 250 small modules took half of the CPU time
// of a start, and eight daemons that start at once on a small machine are a normal day. Commands stay apart, so that
// each loads only what it needs. `tsc` alone gives a dist/ that works too, only slower to start.
import { readdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const dist = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..', 'dist'));
const cli = join(dist, 'cli');
for (const name of readdirSync(cli)) if (name.startsWith('chunk-')) rmSync(join(cli, name));

await build({
  entryPoints: [join(cli, 'main.js')],
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  outdir: cli,
  allowOverwrite: true,
  logLevel: 'warning',
  // The dashboard: React without its checks for developers, and Ink without its debugger, which is not installed.
  define: { 'process.env.NODE_ENV': '"production"' },
  external: ['react-devtools-core'],
  // Some dependencies are CommonJS and ask for Node's own modules with `require`.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
});
