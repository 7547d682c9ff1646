import { beforeEach, expect, it } from 'vitest';
import { Outage } from './outage.ts';
import { StatusLine } from './status-line.ts';

let written: string;
let now: number;
beforeEach(() => {
  written = '';
  now = 0;
});

const outageOn = (isTTY: boolean): Outage =>
  new Outage({
    line: new StatusLine({ write: (text) => (written += text), isTTY, columns: 80 }),
    now: () => now,
  });

/** An attempt every `everyMs`, up to and without `untilMs`. */
function failEvery(outage: Outage, everyMs: number, untilMs: number): void {
  for (; now < untilMs; now += everyMs) outage.failed('no answer');
}

it('is told when it begins, at growing distance, and when it is over', () => {
  const outage = outageOn(false);
  failEvery(outage, 500, 300_000);
  outage.over('2 files wait to be sent');
  expect(written.split('\n')).toEqual([
    'waiting for the server: no answer',
    'waiting for the server for 5.0 s: no answer',
    'waiting for the server for 15 s: no answer',
    'waiting for the server for 35 s: no answer',
    'waiting for the server for 1 min 15 s: no answer',
    'waiting for the server for 2 min 35 s: no answer',
    'the server is back after 5 min 0 s; 2 files wait to be sent',
    '',
  ]);
});

it('is no line each where the server answers in between', () => {
  const outage = outageOn(false);
  for (; now < 60_000; now += 1000) {
    outage.failed('too many requests');
    now += 200;
    outage.over();
  }
  expect(written.match(/waiting/g)).toHaveLength(4);
  expect(written.match(/is back/g)).toHaveLength(4);
});

it('is told at once again when all was well for a minute', () => {
  const outage = outageOn(false);
  failEvery(outage, 500, 20_000);
  outage.over();
  now += 60_000;
  written = '';
  outage.failed('no answer');
  expect(written).toBe('waiting for the server: no answer\n');
});

it('is drawn in place on a terminal, and leaves one line behind', () => {
  const outage = outageOn(true);
  failEvery(outage, 500, 2000);
  outage.over();
  expect(written.split('\r\u001b[2K')).toEqual([
    '',
    'waiting for the server: no answer',
    'waiting for the server for 0.5 s: no answer',
    'waiting for the server for 1.0 s: no answer',
    'waiting for the server for 1.5 s: no answer',
    'the server is back after 2.0 s\n',
  ]);
});

it('leaves nothing drawn behind when nobody waits any more', () => {
  const outage = outageOn(true);
  outage.failed('no answer');
  outage.end();
  outage.over();
  expect(written).toBe('\r\u001b[2Kwaiting for the server: no answer\r\u001b[2K');
});
