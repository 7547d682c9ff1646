import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What tests are corrected by is forgotten after the hours' retention: found by when it was counted. */
export class AgeTrendTests1764000000014 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await this.ofEachBuild(queryRunner, (table) => [
      `create index if not exists ${table}_counted on ${table} using brin (counted_at) with (autosummarize = on)`,
    ]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await this.ofEachBuild(queryRunner, (table) => [`drop index if exists ${table}_counted`]);
  }

  /** Which builds there are depends on how often the projection was rebuilt. */
  private async ofEachBuild(queryRunner: QueryRunner, statements: (table: string) => string[]): Promise<void> {
    const tables = (await queryRunner.query(`
      select relname as name from pg_class
      where relkind = 'r' and relname ~ '^trend_tests_v[0-9]+$' and pg_table_is_visible(oid)
    `)) as { name: string }[];
    for (const { name } of tables) for (const statement of statements(name)) await queryRunner.query(statement);
  }
}
