#!/bin/sh
# Runs redis-server with camelkv's command line, so that the cases the brief shares with Redis can
# be proved against an independent implementation. SERVER and CLI choose a fork (see valkey.sh).
set -eu

SERVER=${SERVER:-redis-server}
CLI=${CLI:-redis-cli}
port='' bind='127.0.0.1' dir='' fsync=always maxmemory=0 clients=10000

usage() {
  echo "usage: --port N --dir DIR [--bind ADDR] [--fsync MODE] [--maxmemory N] [--max-clients N]" >&2
  exit 64
}

while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || usage
  case $1 in
    --port) port=$2 ;;
    --bind) bind=$2 ;;
    --dir) dir=$2 ;;
    --fsync) fsync=$2 ;;
    --maxmemory) maxmemory=$2 ;;
    --max-clients) clients=$2 ;;
    *) usage ;;
  esac
  shift 2
done
case $port in '' | *[!0-9]*) usage ;; esac
[ -n "$dir" ] || usage
case $fsync in
  always | everysec) ;;
  never) fsync=no ;;
  *) usage ;;
esac
if ! { mkdir -p "$dir" && [ -w "$dir" ]; } 2>/dev/null; then
  echo "$dir: not a writable folder" >&2
  exit 74
fi

# A child waits until the server answers, then prints the line that camelkv prints. The server
# itself takes this process, so signals and exit codes are its own; its log goes to stderr.
parent=$$
(
  while kill -0 "$parent" 2>/dev/null; do
    if [ "$("$CLI" -h "$bind" -p "$port" ping 2>/dev/null)" = PONG ]; then
      echo "ready port=$port"
      exit 0
    fi
    sleep 0.05
  done
) &

exec 1>&2
exec "$SERVER" --port "$port" --bind "$bind" --dir "$dir" --daemonize no --protected-mode no \
  --save '' --appendonly yes --appendfsync "$fsync" --aof-load-truncated yes \
  --aof-use-rdb-preamble no --auto-aof-rewrite-percentage 0 --no-appendfsync-on-rewrite no \
  --maxmemory "$maxmemory" --maxmemory-policy noeviction --maxclients "$clients" \
  --proto-max-bulk-len 67108864 --client-output-buffer-limit 'normal 33554432 0 0' \
  --tcp-backlog 511
