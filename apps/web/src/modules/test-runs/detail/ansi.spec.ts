import { expect, it } from 'vitest';
import { ansiPieces, withoutAnsi } from './ansi.ts';

const esc = '\u001b';

it('keeps the colours of a message', () => {
  const pieces = ansiPieces(`expected ${esc}[32m1${esc}[39m, got ${esc}[1;31m2${esc}[0m`);
  expect(pieces.map(({ text, colour, bold }) => [text, colour, bold])).toEqual([
    ['expected ', undefined, false],
    ['1', 'green', false],
    [', got ', undefined, false],
    ['2', 'red', true],
  ]);
});

it('keeps the text of colours that it does not show', () => {
  expect(ansiPieces(`${esc}[38;5;208morange${esc}[0m`).map(({ text, colour }) => [text, colour])).toEqual([
    ['orange', undefined],
  ]);
});

it('leaves markup as the text that it is', () => {
  expect(
    ansiPieces('<b>&amp;</b>')
      .map(({ text }) => text)
      .join(''),
  ).toBe('<b>&amp;</b>');
  expect(withoutAnsi(`${esc}[31m<b>${esc}[0m`)).toBe('<b>');
});
