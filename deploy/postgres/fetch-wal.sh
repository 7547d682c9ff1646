#!/bin/sh
# restore_command: fetch-wal.sh <name of the segment> <where to put it>
# A segment that is not there is the end of what can be restored, which PostgreSQL finds out by the exit code.
set -eu
exec cp "${WAL_ARCHIVE:-/var/lib/testcast/wal-archive}/$1" "$2"
