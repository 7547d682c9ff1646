import { expect, it } from 'vitest';
import { z } from 'zod';
import type { DomainError } from '#platform/kernel';
import { ZodPipe } from './zod.pipe.ts';

const pipe = new ZodPipe(
  z.object({ sizes: z.array(z.int()).optional(), names: z.record(z.string().max(5), z.string()) }),
);

function refusal(value: unknown): DomainError {
  try {
    pipe.transform(value);
  } catch (error) {
    return error as DomainError;
  }
  return expect.unreachable('it was accepted');
}

it('says where a value does not fit', () => {
  const error = refusal({ names: {}, sizes: [1, 'two'] });
  expect(error.message).toMatch(/^The request is not valid: sizes\.1: .+\.$/);
  expect(error).toMatchObject({ code: 'request.invalid', details: { issues: [{ path: 'sizes.1' }] } });
});

it('does not send back what it was sent, however much that is', () => {
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`name ${at}`, 7]));
  for (const names of [{ ['n'.repeat(900_000)]: 7 }, many]) {
    expect(JSON.stringify(refusal({ names }).toBody()).length).toBeLessThan(12_000);
  }
});
