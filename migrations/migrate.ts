import { migrateDatabase } from '#platform/database';

/** `npm run migrate`: brings the database of DATABASE_URL to the newest schema. Several may run at once. */
const url = process.env['DATABASE_URL'];
if (url === undefined || url === '') {
  process.stderr.write('DATABASE_URL is not set: postgres://user:password@host:port/database\n');
  process.exitCode = 2;
} else {
  const applied = await migrateDatabase(url);
  process.stdout.write(applied.length === 0 ? 'The schema is up to date.\n' : `Applied: ${applied.join(', ')}\n`);
}
