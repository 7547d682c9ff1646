#!/usr/bin/env bash
# Fetches the Node.js lines that the smoke test starts the product on: scripts/fetch-node.sh
# Into ~/.cache/testcast/node-<line>; what is there already is left alone.
set -euo pipefail
cache="${HOME}/.cache/testcast"
case "$(uname -m)" in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) echo "no Node.js package for $(uname -m)"; exit 1 ;; esac
for version in 22.23.3 24.21.0; do
  folder="$cache/node-${version%%.*}"
  if [ -x "$folder/bin/node" ]; then continue; fi
  rm -rf "$folder.new" && mkdir -p "$folder.new"
  tarball="$(cd "$folder.new" && npm pack --silent "node-linux-$arch@$version")"
  tar -xzf "$folder.new/$tarball" -C "$folder.new" --strip-components=1
  rm "$folder.new/$tarball"
  rm -rf "$folder" && mv "$folder.new" "$folder"
done
