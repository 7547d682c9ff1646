#!/bin/sh
# standby.sh <connection string of testcast_replicator at the primary> <new data directory> <name>
# Makes a standby from the running primary. The name is what synchronous_standby_names calls it, and that of its slot.
set -eu
primary="$1"
data="$2"
name="$3"
"${PGBIN:+$PGBIN/}pg_basebackup" --dbname="$primary application_name=$name" --pgdata="$data" --wal-method=stream \
  --checkpoint=fast --write-recovery-conf --create-slot --slot="$name" --no-password
echo "standby: start the server on $data"
