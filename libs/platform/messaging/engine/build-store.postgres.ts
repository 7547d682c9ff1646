import type { DataSource, QueryRunner } from 'typeorm';
import { Build, tableOf } from './build.ts';
import { BuildStore, type Filling, type KeptBuilds } from './build-store.ts';
import { type FillingRow, lockMs, swapBuild } from './build-swap.ts';
import {
  beginAlone,
  claimBuild,
  insertBuild,
  liveBuild,
  markFilled,
  markSwept,
  orderBuild,
  readBuilds,
  readFilling,
  retiredTables,
  retireFilling,
  sampleProgress,
  takeUpBuild,
} from './builds.sql.ts';
import { createCheckpoints } from './checkpoints.sql.ts';
import { showInViews } from './build-views.ts';
import type { ProjectionHandler } from './projection-handler.ts';

interface KeptBuild {
  readonly number: number;
  readonly version: number | null;
  readonly state: 'filling' | 'live';
  /** Nobody fills it: no projector has its code any more. */
  readonly forsaken: boolean;
}
interface Kept {
  readonly live: KeptBuild | undefined;
  readonly filling: KeptBuild | undefined;
}
/** Builds in PostgreSQL, in the database of the rows. */
export class PostgresBuildStore extends BuildStore {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  async open(handler: ProjectionHandler): Promise<KeptBuilds> {
    // Once a second: only when there is something to be done does anybody wait for anybody.
    const kept = await this.kept(this.dataSource, handler);
    if (stepFor(handler, kept) === 'none') return opened(handler, kept);
    return this.transact(async (runner) => {
      await runner.query(beginAlone, [handler.name]);
      const { live, filling } = await this.kept(runner, handler);
      const step = stepFor(handler, { live, filling });
      if (step === 'begin') await showInViews(runner, await this.begin(runner, handler, 'live'), []);
      if (step === 'abandon' || step === 'give up') await runner.query(retireFilling, [handler.name]);
      if (step === 'abandon' || step === 'rebuild') await this.begin(runner, handler, 'filling');
      if (step === 'take up') await this.takeUp(runner, handler, filling!.number);
      return opened(handler, await this.kept(runner, handler));
    });
  }

  async order(projection: string): Promise<void> {
    await this.dataSource.query(orderBuild, [projection]);
  }

  async filling({ name, version }: Build, total: number): Promise<Filling> {
    await this.dataSource.query(sampleProgress, [name, version]);
    const [row] = await this.dataSource.query<FillingRow[]>(readFilling, [name, version]);
    if (row === undefined) return { behindLive: 0, behindHeads: 0, filled: false };
    return { ...row, behindHeads: Math.max(0, total - row.done) };
  }

  async finish(build: Build): Promise<boolean> {
    return this.transact(async (runner) => {
      const [claimed] = await this.rows<{ filled: boolean }>(runner, claimBuild, [
        build.name,
        build.version,
        'filling',
      ]);
      if (claimed === undefined) return false;
      // An index of a million rows takes longer than any request may.
      await runner.query('set local statement_timeout = 0');
      for (const { table, indexes } of build.tables()) {
        for (const index of indexes) await runner.query(index);
        // Else the first queries would be planned for an empty table.
        await runner.query(`analyze ${table}`);
      }
      await runner.query(markFilled, [build.name, build.version]);
      return true;
    });
  }

  async swap(build: Build): Promise<boolean> {
    try {
      return await this.transact((runner) => swapBuild(runner, build));
    } catch (error) {
      // A long query reads the view: another time.
      if ((error as { code?: unknown }).code === '55P03') return false;
      throw error;
    }
  }

  async sweep(projection: string): Promise<void> {
    await this.transact(async (runner) => {
      await runner.query(`set local lock_timeout = ${lockMs}`);
      const retired = await this.rows<{ number: number; tables: string[] }>(runner, retiredTables, [projection]);
      for (const { number, tables } of retired) {
        for (const name of tables) await runner.query(`drop table if exists ${tableOf(name, number)}`);
        await runner.query(markSwept, [projection, number]);
      }
    });
  }

  private async kept(database: DataSource | QueryRunner, { name }: ProjectionHandler): Promise<Kept> {
    const rows = (await database.query(readBuilds, [name])) as KeptBuild[];
    const of = (wanted: KeptBuild['state']) => rows.find(({ state }) => state === wanted);
    return { live: of('live'), filling: of('filling') };
  }

  private async begin(runner: QueryRunner, handler: ProjectionHandler, state: KeptBuild['state']): Promise<Build> {
    const names = Object.keys(handler.tables ?? {});
    const [row] = await this.rows<{ number: number }>(runner, insertBuild, [
      handler.name,
      handler.version,
      state,
      names,
    ]);
    return this.made(runner, new Build(handler, row!.number, { filling: state === 'filling' }));
  }

  private async takeUp(runner: QueryRunner, handler: ProjectionHandler, number: number): Promise<Build> {
    const names = Object.keys(handler.tables ?? {});
    await runner.query(takeUpBuild, [handler.name, number, handler.version, names]);
    return this.made(runner, new Build(handler, number, { filling: true }));
  }

  /** With its checkpoints, which nobody makes later: a process that did not notice a swap would begin anew from 0. */
  private async made(runner: QueryRunner, build: Build): Promise<Build> {
    for (const { create, indexes } of build.tables()) {
      await runner.query(create);
      if (!build.filling) for (const index of indexes) await runner.query(index);
    }
    await runner.query(createCheckpoints, [build.name, build.version]);
    if (build.filling) await this.inherit(runner, build);
    return build;
  }

  private async inherit(runner: QueryRunner, build: Build): Promise<void> {
    // Held, so that no swap puts another in its place meanwhile.
    const [live] = await this.rows<{ number: number }>(runner, liveBuild, [build.name]);
    if (live === undefined) throw new Error(`another build of ${build.name} has become live at this moment`);
    const statements = build.inheritance(live.number);
    // Rows of years take longer than any request may.
    if (statements.length > 0) await runner.query('set local statement_timeout = 0');
    for (const statement of statements) await runner.query(statement);
  }

  private async rows<Row>(runner: QueryRunner, sql: string, values: unknown[]): Promise<Row[]> {
    return (await runner.query(sql, values)) as Row[];
  }

  private async transact<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    try {
      await runner.startTransaction();
      const result = await work(runner);
      await runner.commitTransaction();
      return result;
    } catch (error) {
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await runner.release().catch(() => undefined);
    }
  }
}

/** What this code has to change before it can work. */
function stepFor({ version }: ProjectionHandler, { live, filling }: Kept) {
  if (live === undefined) return 'begin';
  if (filling?.version === null) return 'take up';
  if (filling !== undefined && filling.version < version) return 'abandon';
  // A release that was rolled back. Left alone it would stand in the way of every rebuild, and what waits for it would wait
  // for ever.
  if (filling?.forsaken === true && filling.version > version) return live.version! < version ? 'abandon' : 'give up';
  return filling === undefined && live.version! < version ? 'rebuild' : 'none';
}

function opened(handler: ProjectionHandler, { live, filling }: Kept): KeptBuilds {
  const builds: Build[] = [];
  if (live?.version === handler.version) builds.push(new Build(handler, live.number));
  if (filling?.version === handler.version) builds.push(new Build(handler, filling.number, { filling: true }));
  return { builds, ...(live?.version === handler.version ? {} : { liveVersion: live!.version! }) };
}
