#!/bin/sh
# For keepalived: whether the balancer of this machine answers. METRICS_URL where METRICS_BIND is another than the default.
exec curl --silent --fail --max-time 0.8 --output /dev/null "${METRICS_URL:-http://127.0.0.1:8405}/alive"
