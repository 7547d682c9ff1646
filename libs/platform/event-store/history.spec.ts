import { expect, it } from 'vitest';
import { History } from './history.ts';

it('says that there is another one once for each, and not what it is called before that is known', () => {
  const history = new History();
  let told = 0;
  history.listen(() => (told += 1));
  history.note('01', 'store.1');
  history.note('01');
  expect([told, history.epoch]).toEqual([1, 'store.1']);
  // An append met a fail-over: a replica that is still of epoch 1 may have what was cut off.
  history.note('02');
  expect([told, history.epoch]).toEqual([2, undefined]);
  history.note('02', 'store.2-ab');
  history.note('02');
  expect([told, history.epoch]).toEqual([3, 'store.2-ab']);
});
