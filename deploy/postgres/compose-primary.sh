#!/bin/sh
# Of docker-compose.cluster.yml: run once by the image of PostgreSQL, when it has made the data directory.
set -eu
psql --no-psqlrc -q -v ON_ERROR_STOP=1 --username postgres -v app_password="$APP_PASSWORD" \
  -v reader_password="$READER_PASSWORD" -v replicator_password="$REPLICATOR_PASSWORD" -f /etc/testcast/roles.sql
echo "include = '/etc/testcast/primary.conf'" >>"$PGDATA/postgresql.conf"
cat /etc/testcast/pg_hba.conf >"$PGDATA/pg_hba.conf"
