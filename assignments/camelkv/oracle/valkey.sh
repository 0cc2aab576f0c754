#!/bin/sh
# The same as redis.sh, with Valkey.
set -eu
export SERVER=valkey-server CLI=valkey-cli
exec "$(dirname "$0")/redis.sh" "$@"
