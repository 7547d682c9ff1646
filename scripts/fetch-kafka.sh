#!/usr/bin/env bash
# Brings the Kafka that tests run, about 45 MB, to where they look for it. Needs Maven; the broker needs Java 17.
set -euo pipefail
if [ -n "${KAFKA_HOME:-}" ]; then exit 0; fi
target="$HOME/.cache/testcast/kafka-libs"
pom="$(cd "$(dirname "$0")" && pwd)/kafka/pom.xml"
# A fetch that was cut off leaves no folder that looks whole: the mark is written last.
mark="$target/.fetched-$(cksum <"$pom" | cut -d' ' -f1)"
if [ -f "$mark" ]; then exit 0; fi
mkdir -p "$target"
# Jars of another version beside the new ones would both be on the class path.
rm -f "$target"/*.jar "$target"/.fetched-*
mvn -q -B -f "$pom" dependency:copy-dependencies -DoutputDirectory="$target" -DincludeScope=runtime
touch "$mark"
