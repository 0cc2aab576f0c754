#!/bin/sh
# Sees that a Docker engine answers. Where none does: installs Debian's, and starts it.
set -eu
cd "$(dirname "$0")/../.."
. .ci/setup/as-root.sh

LOG=/var/log/grade-dockerd.log
PATIENCE=60 # seconds that a starting engine has

say() { echo "$*" >&2; }
die() {
  say "error[docker-unavailable]: $*"
  exit 4
}

case ${DOCKER_HOST:-} in
'') sockets="/var/run/docker.sock ${HOME:-/root}/.docker/run/docker.sock ${HOME:-/root}/.docker/desktop/docker.sock" ;;
unix://*) sockets=${DOCKER_HOST#unix://} ;;
*) exit 0 ;; # an engine elsewhere is its owner's to start; `grade` says so if it does not answer
esac

python=.venv/bin/python
[ -x "$python" ] || python=python3

# 0: an engine answers. 13: there is one that this user may not talk to. 1: none.
ping() {
  # shellcheck disable=SC2086 # a list
  "$python" -S - $sockets <<'PYTHON'
import socket
import sys

code = 1
for path in sys.argv[1:]:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(5)
        try:
            sock.connect(path)
            sock.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            if sock.recv(64).startswith(b"HTTP/1.0 200"):
                sys.exit(0)
        except PermissionError:
            code = 13
        except OSError:
            pass
sys.exit(code)
PYTHON
}

answers() {
  code=0
  ping || code=$?
  if [ "$code" -eq 13 ]; then
    die "you may not use this machine's Docker engine: sudo usermod -aG docker $(id -un), and log in again"
  fi
  return "$code"
}

wait_for_answer() {
  for _ in $(seq "$PATIENCE"); do
    answers && return 0
    sleep 1
  done
  return 1
}

# The process id of a dockerd that runs; a zombie does not. A second one beside it would delete
# its bridge.
running_dockerd() {
  for status in /proc/[0-9]*/status; do
    if grep -q '^Name:.*dockerd$' "$status" 2>/dev/null && ! grep -q '^State:.*Z' "$status"; then
      basename "$(dirname "$status")"
      return 0
    fi
  done
  return 1
}

answers && exit 0

[ "$(uname -s)" = Linux ] || die "no Docker engine answers: start Docker Desktop, then run make again"
if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null 2>&1; then
  die "no Docker engine answers, and starting one needs root or sudo"
fi

if process=$(running_dockerd); then
  say "waiting for the Docker engine that is starting"
  wait_for_answer && exit 0
  die "dockerd runs as process $process but does not answer: stop it, then run make again"
fi

if ! command -v dockerd >/dev/null 2>&1; then
  apt_install "no Docker engine answers" docker.io iptables || exit 4
fi

if [ -d /run/systemd/system ]; then
  as_root systemctl start docker || die "systemd could not start docker: see journalctl -u docker"
else
  # The next dockerd refuses to start while a pid file of a killed one names any process.
  as_root rm -f /var/run/docker.pid /var/run/docker/containerd/containerd.pid
  say "starting dockerd; its output goes to $LOG"
  # Detached, with no descriptor of ours: whoever reads make's output must not wait for it.
  as_root sh -c "setsid dockerd >$LOG 2>&1 </dev/null &"
fi
wait_for_answer || die "dockerd did not answer within $PATIENCE s; the end of $LOG:
$(tail -n 5 "$LOG" 2>/dev/null)"
say "a Docker engine answers"
