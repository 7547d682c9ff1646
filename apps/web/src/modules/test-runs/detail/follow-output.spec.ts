import { expect, it } from 'vitest';
import { tailOf } from './follow-output.ts';

it('keeps the end of the output, from the beginning of a line', () => {
  const line = `${'x'.repeat(99)}\n`;
  const view = tailOf({ text: line.repeat(600), isCut: false }, line.repeat(100));
  expect(view.isCut).toBe(true);
  expect(view.text).toBe(line.repeat(655));
});

it('keeps all of a short output', () => {
  expect(tailOf({ text: 'a', isCut: false }, 'b')).toEqual({ text: 'ab', isCut: false });
});
