import { expect, it } from 'vitest';
import type { Caller } from '#platform/kernel';
import { eventually } from '#platform/testing';
import { CredentialCheck } from './credential-check.ts';

function newTestCheck(withdrawn: (credentials: readonly string[]) => Promise<readonly string[]>) {
  const reports: string[] = [];
  const check = new CredentialCheck({ withdrawn }, 2000, (what) => reports.push(what));
  const connection = (credential?: string) => {
    const own = {
      caller: { subject: 's', grants: {}, credential } as Caller,
      closed: undefined as number | undefined,
      close: ({ code }: { code: number }) => void (own.closed = code),
    };
    return own;
  };
  return { check, connection, reports };
}

it('ends every connection of a credential that was withdrawn, and no other', async () => {
  const asked: (readonly string[])[] = [];
  const { check, connection } = newTestCheck(async (credentials) => {
    asked.push(credentials);
    return ['key:1'];
  });
  const all = [connection('key:1'), connection('key:2'), connection('key:1'), connection()];
  check.tick(0, all);
  await eventually(() => expect(all.map(({ closed }) => closed)).toEqual([4500, undefined, 4500, undefined]));
  expect(asked).toEqual([['key:1', 'key:2']]);
});

it('asks every two seconds and never twice at once, a thousand credentials at a time', async () => {
  let release: () => void = () => undefined;
  const sizes: number[] = [];
  const { check, connection } = newTestCheck(async (credentials) => {
    sizes.push(credentials.length);
    await new Promise<void>((resolve) => (release = resolve));
    return [];
  });
  const all = Array.from({ length: 1001 }, (_, at) => connection(`key:${at}`));
  check.tick(0, all);
  check.tick(2000, all);
  expect(sizes).toEqual([1000]);
  release();
  await eventually(() => expect(sizes).toEqual([1000, 1]));
  release();
  await eventually(() => {
    check.tick(4000, all);
    expect(sizes).toEqual([1000, 1, 1000]);
  });
  release();
});

it('leaves a connection alone that has taken over other credentials while it asked', async () => {
  const one = { release: () => undefined as void };
  const { check, connection } = newTestCheck(async () => {
    await new Promise<void>((resolve) => (one.release = resolve));
    return ['key:1'];
  });
  const [renewed, other] = [connection('key:1'), connection('key:1')];
  check.tick(0, [renewed, other]);
  renewed.caller = { ...renewed.caller, credential: 'key:9' };
  one.release();
  await eventually(() => expect(other.closed).toBe(4500));
  expect(renewed.closed).toBeUndefined();
});

it('keeps connections while nobody can say, and reports an outage once', async () => {
  let asked = 0;
  const { check, connection, reports } = newTestCheck(() => {
    asked += 1;
    return Promise.reject(new Error('no database'));
  });
  const own = connection('key:1');
  for (const round of [1, 2, 3]) {
    await eventually(() => {
      check.tick(round * 2000, [own]);
      expect(asked).toBe(round);
    });
  }
  expect(own.closed).toBeUndefined();
  await eventually(() => expect(reports).toEqual(['looking for withdrawn credentials']));
});
