import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createOutlivingProjections, createRefusal, createTrigger } from './1764000000013-erase-streams.ts';

interface Built {
  readonly number: number;
  readonly state: 'live' | 'filling';
}

/**
 * Trends are rebuilt although runs have been erased: a build takes over the buckets that the log has no events for any more,
 * and notes in two tables what it took. The refusal goes.
 */
export class RebuildTrends1764000000021 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop trigger rebuild_needs_the_log on projection_builds');
    await queryRunner.query('drop function refuse_rebuild_without_log');
    await queryRunner.query('drop table projections_that_outlive_the_log');
    for (const { number, state } of await builds(queryRunner)) {
      await queryRunner.query(`
        create table if not exists trend_settled_v${number} (
          project_id text collate "C" primary key,
          since bigint not null
        )
      `);
      await queryRunner.query(`
        create table if not exists trend_settled_slots_v${number} (
          slot smallint primary key,
          position bigint not null
        )
      `);
      if (state === 'live') {
        for (const name of names) await queryRunner.query(`create view ${name} as select * from ${name}_v${number}`);
      }
      await queryRunner.query(
        `update projection_builds set tables = tables || $2::text[] where projection = 'trends' and number = $1`,
        [number, names],
      );
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const name of names) await queryRunner.query(`drop view if exists ${name}`);
    for (const { number } of await builds(queryRunner)) {
      for (const name of names) await queryRunner.query(`drop table if exists ${name}_v${number}`);
      await queryRunner.query(
        `update projection_builds
         set tables = array(select name from unnest(tables) as name where name <> all ($2::text[]))
         where projection = 'trends' and number = $1`,
        [number, names],
      );
    }
    await queryRunner.query(createOutlivingProjections);
    await queryRunner.query(createRefusal);
    await queryRunner.query(createTrigger);
  }
}

const names = ['trend_settled', 'trend_settled_slots'];

/** Which there are depends on how often the projection was rebuilt; one that nobody has taken up has no tables yet. */
async function builds(queryRunner: QueryRunner): Promise<Built[]> {
  return (await queryRunner.query(
    `select number, state from projection_builds
     where projection = 'trends' and state <> 'retired' and version is not null`,
  )) as Built[];
}
