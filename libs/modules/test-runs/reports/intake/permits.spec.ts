import { describe, expect, it } from 'vitest';
import { Permits } from './permits.ts';

function opened() {
  let open!: () => void;
  const done = new Promise<void>((resolve) => (open = resolve));
  return { done, open };
}
const turns = async () => {
  for (let n = 0; n < 10; n += 1) await Promise.resolve();
};

describe('permits', () => {
  it('are as many as there are; those who wait get them in the order in which they came', async () => {
    const permits = new Permits(4, 16);
    const started: number[] = [];
    const gates = Array.from({ length: 7 }, opened);
    const all = gates.map(({ done }, n) => permits.run(() => (started.push(n), done)));
    await turns();
    expect(started).toEqual([0, 1, 2, 3]);
    gates[2]!.open();
    gates[0]!.open();
    await turns();
    expect(started).toEqual([0, 1, 2, 3, 4, 5]);
    for (const { open } of gates) open();
    await Promise.all(all);
    expect(started).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('are not handed out past those who may wait, and come back when work fails', async () => {
    const permits = new Permits(4, 16);
    const gate = opened();
    const failing = () => gate.done.then(() => Promise.reject(new Error('no')));
    const all = Promise.allSettled(Array.from({ length: 20 }, () => permits.run(failing)));
    await expect(permits.run(failing)).rejects.toMatchObject({ code: 'rate.exceeded', temporary: true });
    gate.open();
    expect((await all).every(({ status }) => status === 'rejected')).toBe(true);
    expect(await permits.run(() => Promise.resolve('free'))).toBe('free');
  });
});
