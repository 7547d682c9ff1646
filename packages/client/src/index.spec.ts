import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createClient } from './index.ts';
import { eventually } from './fixtures/eventually.ts';
import { ProtocolServer } from './fixtures/protocol-server.ts';

const known = globalThis.WebSocket;
afterEach(() => {
  globalThis.WebSocket = known;
});

it('has a main entry that browsers can load: nothing of Node in it', async () => {
  const warnings: string[] = [];
  const output = (await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['@testcast/source', 'browser', 'import'] },
    build: {
      write: false,
      minify: false,
      lib: { entry: fileURLToPath(new URL('index.ts', import.meta.url)), formats: ['es'] },
      rolldownOptions: { onwarn: ({ message }) => warnings.push(message) },
    },
  })) as Rolldown.RolldownOutput[];
  const chunks = output.flatMap((each) => each.output).filter((each) => each.type === 'chunk');
  expect(chunks.flatMap(({ imports }) => imports)).toEqual([]);
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds);
  expect(modules.some((id) => id.endsWith('/watch/watch-run.ts'))).toBe(true);
  expect(modules.filter((id) => /__vite-browser-external|\/ws\/|open-ws|spill-file/.test(id))).toEqual([]);
  expect(warnings).toEqual([]);
});

it('works over the WebSocket that the platform has, with a ticket instead of a header', async () => {
  const server = await ProtocolServer.start();
  globalThis.WebSocket = WebSocket as unknown as typeof globalThis.WebSocket;
  const { connection } = createClient({ url: server.url });
  const seen: number[] = [];
  connection.watchStream('run:shop/1', {
    offset: 0,
    onEvents: (events) => seen.push(...events.map(({ offset }) => offset)),
    onReset: () => undefined,
  });
  await eventually(() => expect(connection.state.name).toBe('live'));
  server.append('run:shop/1', { type: 'noted', data: {} });
  await eventually(() => expect(seen).toEqual([1]));
  const [served] = server.sockets;
  expect(served!.query.get('ticket')).toMatch(/^t/);
  expect(served!.authorization).toBeUndefined();
  connection.close();
  await server.stop();
});
