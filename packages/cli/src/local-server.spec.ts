import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { localAdminKey } from './local-server.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'testcast-cli-'));
  writeFileSync(path.join(directory, 'admin.key'), 'tc_key\n');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('finds the key of a server on this machine', () => {
  expect(localAdminKey('http://127.0.0.1:4000', { DATA_DIR: directory })).toBe('tc_key\n');
  expect(localAdminKey('http://localhost:4001', { DATA_DIR: directory })).toBe('tc_key\n');
});

it('keeps the key from every other machine', () => {
  expect(localAdminKey('https://tests.example.com', { DATA_DIR: directory })).toBeUndefined();
  expect(localAdminKey('http://127.0.0.1.example.com', { DATA_DIR: directory })).toBeUndefined();
});

it('has none where no server was started', () => {
  expect(localAdminKey('http://127.0.0.1:4000', { DATA_DIR: path.join(directory, 'nothing') })).toBeUndefined();
});
