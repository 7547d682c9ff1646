import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { steadily } from './steadily.ts';

const tooSlow = expect.objectContaining({ code: 'request.too-slow', temporary: true }) as Error;
const pace = { windowMs: 30, minBytes: 4 };

async function read(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of steadily(body, pace)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

it('hands on what comes, also from a sender that takes long for little because it has no more', async () => {
  const body = new PassThrough();
  body.write('ab');
  const whole = read(body);
  body.end('c');
  expect(await whole).toBe('abc');
});

it('ends an upload that stalls, though its stream never does', async () => {
  const body = new PassThrough();
  body.write('abcdefgh');
  await expect(read(body)).rejects.toThrowError(tooSlow);
  // What becomes of the stream later is no failure that nobody handles.
  body.destroy(new Error('hung up'));
});

it('ends an upload that comes byte by byte', async () => {
  const body = new PassThrough();
  const drip = setInterval(() => body.write('x'), 10);
  await expect(read(body)).rejects.toThrowError(tooSlow);
  clearInterval(drip);
});

it('lets go of the body where reading stops early', async () => {
  const body = new PassThrough();
  body.write('abc');
  for await (const _ of steadily(body, pace)) break;
  expect(body.destroyed).toBe(true);
});
