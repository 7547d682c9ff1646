#!/bin/sh
# Of docker-compose.cluster.yml: a standby, made from the primary the first time. PRIMARY is how to reach it, STANDBY its name.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$(dirname "$PGDATA")"
  /etc/testcast/standby.sh "$PRIMARY" "$PGDATA" "$STANDBY"
  echo "include = '/etc/testcast/standby.conf'" >>"$PGDATA/postgresql.conf"
fi
exec postgres
