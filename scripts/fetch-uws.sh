#!/usr/bin/env bash
# Brings uWebSockets.js, which tests and benchmarks run beside ws, to where they look for it: scripts/fetch-uws.sh
# It is not on npm under its own name; this build of it has native bindings for Node.js 20, and none for later lines.
set -euo pipefail
target="$HOME/.cache/testcast/uws"
package='uWebSockets.js@npm:@trufflesuite/uws-js-unofficial@20.30.0-unofficial.0'
mark="$target/.fetched-$(cksum <<<"$package" | cut -d' ' -f1)"
if [ -f "$mark" ]; then exit 0; fi
rm -rf "$target" && mkdir -p "$target"
echo '{ "private": true }' >"$target/package.json"
# Its optional dependencies are for its emulation, and would be compiled.
npm install --prefix "$target" --no-audit --no-fund --ignore-scripts --omit=optional --loglevel=error "$package"
touch "$mark"
