import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Rows of tests as the JSON that they are written and read as: nobody looks into them in the database, which took each of
 * them apart to put it together again. Their content is the same, so it is no other version of the projection. Each table
 * is written anew, with its readers waiting.
 */
export class KeepTestRowsAsText1764000000022 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await retype(queryRunner, 'json');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await retype(queryRunner, 'jsonb');
  }
}

/** Which builds there are depends on how often the projection was rebuilt; the view shows one of them. */
async function retype(queryRunner: QueryRunner, type: 'json' | 'jsonb'): Promise<void> {
  const tables = (await queryRunner.query(`
    select relname as name, exists (
      select from pg_depend d join pg_rewrite r on r.oid = d.objid
      where d.refobjid = pg_class.oid and r.ev_class = to_regclass('run_tests')
    ) as shown
    from pg_class
    where relkind = 'r' and relname ~ '^run_tests_v[0-9]+$' and pg_table_is_visible(oid)
  `)) as { name: string; shown: boolean }[];
  await queryRunner.query('drop view run_tests');
  for (const { name } of tables) {
    await queryRunner.query(`alter table ${name} alter column row type ${type} using row::${type}`);
  }
  const live = tables.find(({ shown }) => shown);
  if (live !== undefined) await queryRunner.query(`create view run_tests as select * from ${live.name}`);
}
