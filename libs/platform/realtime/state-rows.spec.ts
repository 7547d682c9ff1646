import { expect, it } from 'vitest';
import { StateRows } from './state-rows.ts';

const row = (key: string, version: number, value: unknown = { version }) => ({ key, version, value });

it('tells what changed: new rows, newer ones, and those that are gone', () => {
  const rows = new StateRows();
  expect([...rows.take([row('a', 1), row('b', 1)])]).toEqual([
    ['a', 1],
    ['b', 1],
  ]);
  expect([...rows.take([row('a', 1), row('c', 1)])]).toEqual([
    ['c', 1],
    ['b', 1],
  ]);
  expect(rows.textOf('b', 1)).toBe('{"key":"b","version":1,"value":null}');
  expect([...rows.take([row('a', 2)], ['a', 'd'])]).toEqual([['a', 2]]);
  expect([...rows.keys()]).toEqual(['a', 'c']);
});

it('does not go back to what a read brings late', () => {
  const rows = new StateRows();
  rows.take([row('a', 5)]);
  expect(rows.take([row('a', 4)]).size).toBe(0);
  expect(rows.textOf('a', 5)).toContain('"version":5');
});

it('tells a row that is stale at the same version', () => {
  const rows = new StateRows();
  rows.take([row('a', 5)]);
  expect(rows.take([{ ...row('a', 5), stale: true }]).has('a')).toBe(true);
});
