-- Once, by a superuser, on the primary:
--   psql -v app_password=… -v reader_password=… -v replicator_password=… -f roles.sql
-- Roles are the whole server's, so standbys and restores have them, too.

-- Gateways, projectors and migrations. It owns its database, since projections and partitions make tables while they run;
-- it is no superuser and makes neither roles nor databases. The limit is that of docs/reference/capacity.md, below max_connections:
-- whatever it does, an operator still gets in.
create role testcast login password :'app_password' nosuperuser nocreatedb nocreaterole noreplication connection limit 450;

-- DATABASE_REPLICA_URLS: reads of the log, and nothing else.
create role testcast_reader login password :'reader_password' nosuperuser nocreatedb nocreaterole noreplication;
alter role testcast_reader set default_transaction_read_only = on;

-- Standbys and base backups: the stream of the whole server, but no query.
create role testcast_replicator login replication password :'replicator_password' nosuperuser nocreatedb nocreaterole;

create database testcast owner testcast encoding 'UTF8' lc_collate 'C' lc_ctype 'C' template template0;
revoke all on database testcast from public;
grant connect on database testcast to testcast_reader;

\connect testcast
alter schema public owner to testcast;
revoke create on schema public from public;
grant usage on schema public to testcast_reader;
-- Of tables that are not there yet, and of partitions that a split makes later.
alter default privileges for role testcast in schema public grant select on tables to testcast_reader;
