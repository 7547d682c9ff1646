#!/bin/sh
# base-backup.sh <connection string of testcast_replicator> <directory of backups>
# A copy of the whole server, taken while it runs, named by its time. With the WAL archive it can be restored to any moment
# after it. Prints where it is.
set -eu
source="$1"
backups="$2"
name="$(date -u +%Y%m%dT%H%M%SZ)"
draft="$backups/.$name.$$"
trap 'rm -rf "$draft"' EXIT
mkdir -p "$backups"
"${PGBIN:+$PGBIN/}pg_basebackup" --dbname="$source" --pgdata="$draft" --wal-method=stream --checkpoint=fast \
  --manifest-checksums=SHA256 --no-password
# Every file against the manifest, before anybody relies on it; it also needs to be readable as WAL.
"${PGBIN:+$PGBIN/}pg_verifybackup" --quiet "$draft"
sync
mv "$draft" "$backups/$name"
echo "$backups/$name"
