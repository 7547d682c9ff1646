import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase } from '#platform/testing';
import {
  bigintArray,
  booleanArray,
  byteaArray,
  integerArray,
  smallintArray,
  textArray,
  uuidArray,
} from './binary-array.ts';

let client: pg.Client;
beforeAll(async () => {
  client = new pg.Client({ connectionString: await createDatabase() });
  await client.connect();
});
afterAll(() => client.end());

/** The server's own reading of the array, as JSON. */
async function read(type: string, array: Buffer): Promise<unknown> {
  const { rows } = await client.query<{ json: unknown }>(`select to_json($1::${type}[]) as json`, [array]);
  return rows[0]!.json;
}

it.each([
  ['smallint', smallintArray([0, 255, -32_768]), [0, 255, -32_768]],
  ['integer', integerArray([1, -2, 2_147_483_647]), [1, -2, 2_147_483_647]],
  ['boolean', booleanArray([true, false]), [true, false]],
  ['uuid', uuidArray(['0190a1b2-c3d4-8e5f-a6b7-0c1d2e3f4a5b']), ['0190a1b2-c3d4-8e5f-a6b7-0c1d2e3f4a5b']],
  ['bytea', byteaArray(['00ff', '']), ['\\x00ff', '\\x']],
  [
    'text',
    textArray(['', 'a,b {"c":"\\\\"}', null, 'žluťoučký 🐎', 'NULL']),
    ['', 'a,b {"c":"\\\\"}', null, 'žluťoučký 🐎', 'NULL'],
  ],
  ['text', textArray([]), []],
  ['bigint', bigintArray([]), []],
])('sends %s as the server reads it', async (type, array, expected) => {
  expect(await read(type, array)).toEqual(expected);
});

it('sends every safe integer as it is', async () => {
  const values = [0, 1, -1, 2 ** 31, -(2 ** 31), 2 ** 32, -(2 ** 32) - 1, 1_764_000_000_000, -1_764_000_000_001];
  const all = [...values, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
  const { rows } = await client.query<{ text: string[] }>('select $1::bigint[]::text[] as text', [bigintArray(all)]);
  expect(rows[0]!.text).toEqual(all.map(String));
});
