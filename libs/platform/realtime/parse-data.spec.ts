import { clientMessages, limits } from '@testcast/contracts';
import { expect, it } from 'vitest';
import type { DomainError } from '#platform/kernel';
import { parseData } from './parse-data.ts';

function refusal(data: unknown): DomainError {
  try {
    parseData(clientMessages['run.start'], data);
  } catch (error) {
    return error as DomainError;
  }
  return expect.unreachable('it was accepted');
}

it('says where data does not fit', () => {
  const error = refusal({ projectId: 'shop', runId: '1', pullRequest: { number: 'x' } });
  expect(error).toMatchObject({ code: 'request.invalid', details: { issues: [{ path: 'pullRequest.number' }] } });
});

it('answers within a frame, whatever fills the one that was sent', () => {
  const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, 0]));
  const long = { ['k'.repeat(limits.clientFrameBytes)]: 0 };
  for (const environment of [many, long]) {
    const body = JSON.stringify(refusal({ projectId: 'shop', runId: '1', environment }).toBody());
    expect(body.length).toBeLessThan(limits.serverFrameBytes / 8);
  }
});
