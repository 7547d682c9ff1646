#!/bin/sh
# Takes a gateway out of both balancers before it is stopped, or puts it back:
#   drain-gateway.sh gateway-1 [drain|ready] [admin socket …]
# Sockets that are open stay; newcomers go to others at once, not only when health checks have found out. With leastconn a
# gateway that drains would else be the emptiest, and be sent everybody whom it has just moved.
set -eu
gateway="${1:?which gateway, such as gateway-1}"
state="${2:-drain}"
case "$state" in drain | ready) ;; *) echo "$state is neither drain nor ready" >&2; exit 2 ;; esac
[ "$#" -gt 2 ] && shift 2 || set -- "${ADMIN_SOCKET:-/run/haproxy/admin.sock}"
for socket in "$@"; do
  for backend in gateways streams; do
    # Without uWebSockets.js there is no backend of streams.
    answer="$(echo "set server $backend/$gateway state $state" | socat -t 5 - "UNIX-CONNECT:$socket")"
    case "$answer" in
      '') ;;
      *'No such'*) [ "$backend" = streams ] || { echo "$socket: $answer" >&2; exit 1; } ;;
      *) echo "$socket: $answer" >&2; exit 1 ;;
    esac
  done
done
