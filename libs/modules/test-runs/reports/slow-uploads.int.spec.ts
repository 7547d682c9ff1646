import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase } from '#platform/testing';
import { keyFor } from '../fixtures/access-in-memory.ts';
import { RunningApp } from '../fixtures/running-app.ts';

let server: RunningApp;
beforeAll(async () => {
  server = await RunningApp.start(await createDatabase(), { projects: false });
});
afterAll(async () => {
  await server?.stop();
});

const report = '<testsuites><testsuite name="cart"><testcase name="a"/></testsuite></testsuites>';

async function begun(run: string, bytes: string | Uint8Array): Promise<ClientRequest> {
  const headers = { authorization: `Bearer ${keyFor({ '*': 'admin' })}` };
  const upload = request(`${server.origin}/v1/projects/shop/runs/${run}/reports`, { method: 'POST', headers });
  await new Promise((resolve) => upload.write(bytes, resolve));
  return upload;
}

async function ended(upload: ClientRequest, bytes: string | Uint8Array): Promise<unknown> {
  const [response] = (await once(upload.end(bytes), 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk as string;
  return JSON.parse(body);
}

it('four uploads that have stalled keep nobody else out, and are stored when they go on', async () => {
  const packed = gzipSync(report);
  const stalled = [
    ...(await Promise.all(['a', 'b', 'c'].map((run) => begun(run, report.slice(0, 40))))),
    await begun('d', packed.subarray(0, 30)),
  ];
  // One after the other: the last of them comes when the stalled ones hold whatever they get.
  for (const run of ['e', 'f', 'g', 'h']) {
    const answer = await server.call('POST', `projects/shop/runs/${run}/reports`, report);
    expect(answer).toMatchObject({ status: 200, body: { accepted: 1 } });
  }
  const answers = stalled.map((upload, at) => ended(upload, at < 3 ? report.slice(40) : packed.subarray(30)));
  for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ accepted: 1, problems: [] });
});
