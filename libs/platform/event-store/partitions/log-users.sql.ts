/** Transactions of others that hold a lock of the log: each is one statement of a reader or an append, or a backup. */
export const listLogUsers = `
select distinct virtualtransaction from pg_locks
where locktype = 'relation' and relation = 'events'::regclass and pid <> pg_backend_pid()
  and database = (select oid from pg_database where datname = current_database())`;
