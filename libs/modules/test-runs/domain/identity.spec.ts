import { describe, expect, it } from 'vitest';
import type { LifecycleEvent } from '@testcast/contracts';
import { begun, ended } from './fixtures/run-cases.ts';
import { lifecycleEventId } from './identity.ts';

describe('the id of a lifecycle event', () => {
  const id = (event: LifecycleEvent, opening = 1) => lifecycleEventId('run:shop/r1', event, opening);

  it('is one for each run, whoever starts it', () => {
    expect(id(begun(true))).toBe(id(begun(false)));
  });

  it('tells ends with different claims apart, so that the second of two senders learns that it lost', () => {
    expect(id(ended('passed'))).not.toBe(id(ended('failed')));
  });

  it('tells the ends of two openings apart', () => {
    expect(id(ended(), 2)).not.toBe(id(ended(), 1));
  });

  it('does not depend on the clock', () => {
    expect(id({ ...ended(), at: 5 })).toBe(id({ ...ended(), at: 6 }));
  });
});
