import type { DataSource } from 'typeorm';

/**
 * A store's id alone would be that of each copy as well: a dump that is restored for rehearsals has it too. Of those the server
 * or the database is another. Standbys have all three of their primary, so a fail-over keeps the name.
 */
const readInstallationId = `
  select store_id || '.' || left(md5((pg_control_system()).system_identifier || '/' || oid), 8) as id
  from store_epochs, pg_database where datname = current_database()
  order by n desc limit 1`;

/**
 * What tells the processes that share this database from those of another installation, wherever they meet: letters, digits
 * and `-_.`, the same for all of them and over restarts and fail-overs.
 */
export async function installationId(database: DataSource): Promise<string> {
  const [row] = await database.query<{ id: string }[]>(readInstallationId);
  if (row === undefined) throw new Error('the store has no epoch: was it migrated?');
  return row.id;
}
