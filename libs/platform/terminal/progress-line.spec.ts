import { expect, it } from 'vitest';
import { ProgressLine } from './progress-line.ts';

const drawnBy = (isTTY: boolean, use: (line: ProgressLine) => void): string => {
  let written = '';
  use(new ProgressLine({ isTTY, write: (text) => (written += text) }));
  return written;
};

it('draws a line over the one before, and takes it away', () => {
  const written = drawnBy(true, (line) => {
    line.trace('10 of 100 events', 'runs', 0.1);
    line.trace('11 of 100 events', 'runs', 0.11);
    line.clear();
    line.clear();
  });
  expect(written).toBe('\r\x1b[K10 of 100 events\r\x1b[K11 of 100 events\r\x1b[K');
});

it('writes a line for each tenth where no terminal is', () => {
  const written = drawnBy(false, (line) => {
    for (let done = 0; done <= 100; done += 5) line.trace(`${done} of 100 events`, 'runs', done / 100);
    line.clear();
  });
  expect(written.split('\n')).toEqual([
    ...[0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100].map((done) => `${done} of 100 events`),
    '',
  ]);
});
