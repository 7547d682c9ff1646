#!/bin/sh
# archive_command: archive-wal.sh <path of the segment> <its name>
# WAL_ARCHIVE says where to (default /var/lib/testcast/wal-archive), best on another machine's disk.
# Answers 0 only when the segment is whole and on the disk: PostgreSQL then forgets it, and tries again otherwise.
set -eu
segment="$1"
name="$2"
archive="${WAL_ARCHIVE:-/var/lib/testcast/wal-archive}"

if [ -e "$archive/$name" ]; then
  # Archived before, when the answer was lost. With other content it is another server's: two archive into one place.
  cmp -s "$segment" "$archive/$name" && exit 0
  echo "archive-wal: $archive/$name is there with other content; nothing was overwritten" >&2
  exit 1
fi

draft="$archive/.$name.$$"
trap 'rm -f "$draft"' EXIT
cp "$segment" "$draft"
sync "$draft"
# A link fails where the name has been taken meanwhile; a rename would overwrite.
ln "$draft" "$archive/$name"
rm -f "$draft"
sync "$archive"
