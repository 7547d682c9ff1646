import { setTimeout as delay } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import type { Build } from './build.ts';
import { showInViews } from './build-views.ts';
import {
  claimBuild,
  forgetCheckpoints,
  forgetParked,
  freezeCheckpoints,
  liveBuild,
  makeLive,
  readFilling,
  retireBuild,
} from './builds.sql.ts';

/** As `readFilling` has it. */
export interface FillingRow {
  readonly filled: boolean;
  readonly done: number;
  readonly behindLive: number;
}

/** Milliseconds that the live build may be held still while the new one catches up with it. */
const catchUpMs = 3_000;
/** Milliseconds after which a swap that waits for a long query gives way: readers behind it would wait too. */
export const lockMs = 2_000;

/** Lets queries read the build instead of the live one, in the runner's transaction; false when it is not far enough. */
export async function swapBuild(runner: QueryRunner, build: Build): Promise<boolean> {
  await runner.query(`set local lock_timeout = ${lockMs}`);
  const [claimed] = await rowsOf<{ filled: boolean }>(runner, claimBuild, [build.name, build.version, 'filling']);
  if (claimed?.filled !== true) return false;
  const [live] = await rowsOf<{ number: number; tables: string[] }>(runner, liveBuild, [build.name]);
  if (live === undefined) return false;
  await runner.query(freezeCheckpoints, [build.name, live.number]);
  if (!(await hasCaughtUp(runner, build))) return false;
  await showInViews(runner, build, live.tables);
  for (const statement of [retireBuild, forgetParked, forgetCheckpoints])
    await runner.query(statement, [build.name, live.number]);
  await runner.query(makeLive, [build.name, build.version]);
  return true;
}

/** The live build stands still, so this needs no luck: what the new one lacks is what it was given a moment later. */
async function hasCaughtUp(runner: QueryRunner, { name, version }: Build): Promise<boolean> {
  const deadline = performance.now() + catchUpMs;
  for (;;) {
    const [row] = await rowsOf<FillingRow>(runner, readFilling, [name, version]);
    if (row?.behindLive === 0) return true;
    if (performance.now() > deadline) return false;
    await delay(5);
  }
}

async function rowsOf<Row>(runner: QueryRunner, sql: string, values: unknown[]): Promise<Row[]> {
  return (await runner.query(sql, values)) as Row[];
}
