import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveWebUi } from './index.ts';

@Module({})
class App {}

let folder: string;
let app: NestExpressApplication;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testcast-web-'));
  // A clone below a folder that is called like the one of the hashed files.
  const root = join(folder, 'assets', 'testcast', 'dist');
  await mkdir(join(root, 'assets'), { recursive: true });
  await writeFile(join(root, 'index.html'), '<title>Testcast</title>');
  await writeFile(join(root, 'icon.svg'), '<svg/>');
  await writeFile(join(root, 'assets', 'main-1a2b.js'), 'run()');
  app = await NestFactory.create<NestExpressApplication>(App, { logger: false });
  serveWebUi(app, root);
  await app.listen(0, '127.0.0.1');
});
afterAll(async () => {
  await app?.close();
  await rm(folder, { recursive: true });
});

const get = async (path: string) => fetch((await app.getUrl()) + path, { headers: { accept: 'text/html' } });

it('lets browsers keep hashed files for ever, and nothing else', async () => {
  expect((await get('/assets/main-1a2b.js')).headers.get('cache-control')).toMatch(/immutable/);
  for (const path of ['/icon.svg', '/', '/projects/shop']) {
    expect((await get(path)).headers.get('cache-control')).toBe('no-cache');
  }
});

it('gives the page for every path that the page may route, and no page for a script that is gone', async () => {
  expect(await (await get('/projects/shop/assets/runs')).text()).toContain('Testcast');
  expect((await get('/assets/main-old.js')).status).toBe(404);
  expect((await get('/v1/nothing')).status).toBe(404);
});
