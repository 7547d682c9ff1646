import { expect, it } from 'vitest';
import { shortRunId } from './run-title.ts';

it('shortens a generated id to what still tells two runs of one minute apart', () => {
  expect(shortRunId('0193a7b2-7c4e-7d31-9a55-0123456789ab')).toBe('0193a7b2…89ab');
});

it('leaves an id that somebody chose', () => {
  expect(shortRunId('github-9001-2')).toBe('github-9001-2');
});
