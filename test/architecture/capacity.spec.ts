import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('the page on capacity says what follows from the measured figures', () => {
  expect(execFileSync(process.execPath, ['scripts/capacity.mjs', '--check'], { encoding: 'utf8' })).toBe('');
});
