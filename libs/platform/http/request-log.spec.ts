import { EventEmitter } from 'node:events';
import type { Request, Response } from 'express';
import { expect, it } from 'vitest';
import { requestLog } from './request-log.ts';

function logged(writableFinished: boolean): string[] {
  const lines: string[] = [];
  const response = Object.assign(new EventEmitter(), { statusCode: 200, writableFinished });
  const request = { method: 'GET', path: '/stream', url: '/stream?ticket=secret' } as Request;
  const log = requestLog({ debug: (line: string) => void lines.push(line) });
  log(request, response as unknown as Response, () => undefined);
  response.emit('close');
  return lines;
}

it('says what was asked for and what came of it, without the query', () => {
  expect(logged(true)).toEqual([expect.stringMatching(/^GET \/stream 200 \d+ ms$/)]);
  expect(logged(false)).toEqual([expect.stringMatching(/^GET \/stream cut off \d+ ms$/)]);
});
