import { DataSource } from 'typeorm';
import { migrations } from '#migrations';

/** For TypeORM's own command line, such as `npx typeorm migration:show -d dist/migrations/data-source.js`. */
export default new DataSource({ type: 'postgres', url: process.env['DATABASE_URL'] ?? '', migrations });
