import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chooseEngine, UwsMissing } from './engine-choice.ts';
import { WsEngine } from './engine.ws.ts';

const place = { host: '127.0.0.1', port: 0 };
let emulated: string;
beforeAll(() => {
  const folder = mkdtempSync(path.join(tmpdir(), 'testcast-uws-'));
  emulated = path.join(folder, 'index.cjs');
  writeFileSync(emulated, 'exports.App = function App() { return "[native code]"; };');
});
afterAll(() => rmSync(path.dirname(emulated), { recursive: true }));

it('takes ws where uWebSockets.js is not installed, or is only emulated', () => {
  expect(chooseEngine({ engine: 'auto', ...place, uwsPackage: '/nowhere/uws' })).toBeInstanceOf(WsEngine);
  expect(chooseEngine({ engine: 'auto', ...place, uwsPackage: emulated })).toBeInstanceOf(WsEngine);
});

it('says what to install when uws is asked for', () => {
  const choose = (uwsPackage: string) => () => chooseEngine({ engine: 'uws', ...place, uwsPackage });
  expect(choose('/nowhere/uws')).toThrow(UwsMissing);
  expect(choose('/nowhere/uws')).toThrow(
    /\/nowhere\/uws cannot be loaded: Cannot find module.*Install uWebSockets\.js/,
  );
  expect(choose(emulated)).toThrow(/it has no native binding for Node\.js/);
});
