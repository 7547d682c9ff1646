#!/bin/sh
# restore.sh <backup> <new data directory> [<moment>]
# Prepares a server that, once started, replays the WAL archive onto the backup, up to the moment ('2026-01-31 12:00:00+00';
# without it as far as the archive goes), and then writes a timeline of its own: Testcast begins a new epoch by itself.
# The new directory keeps the settings of the backup; what it was a standby of, it is no more.
set -eu
backup="$1"
data="$2"
moment="${3:-}"
here="$(cd "$(dirname "$0")" && pwd)"

if [ -e "$data" ] && [ -n "$(ls -A "$data")" ]; then
  echo "restore: $data is not empty; a restore never writes over a server" >&2
  exit 1
fi
"${PGBIN:+$PGBIN/}pg_verifybackup" --quiet "$backup"
mkdir -p "$data"
cp -a "$backup/." "$data/"
chmod 700 "$data"
rm -f "$data/standby.signal" "$data/postmaster.pid"
{
  echo
  echo '# restore.sh'
  echo "restore_command = 'WAL_ARCHIVE=\"${WAL_ARCHIVE:-/var/lib/testcast/wal-archive}\" \"$here/fetch-wal.sh\" \"%f\" \"%p\"'"
  echo "primary_conninfo = ''"
  echo "primary_slot_name = ''"
  # Nobody follows it yet: appends would wait for ever.
  echo "synchronous_standby_names = ''"
  echo "recovery_target_timeline = 'latest'"
  if [ -n "$moment" ]; then
    echo "recovery_target_time = '$moment'"
    echo "recovery_target_action = 'promote'"
  fi
} >> "$data/postgresql.auto.conf"
touch "$data/recovery.signal"
echo "restore: start the server on $data; it is ready when it says so in its log"
