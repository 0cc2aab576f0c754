#!/bin/sh
# Makes .venv from requirements.lock, with the first Python that is new enough.
set -eu
cd "$(dirname "$0")/../.."
. .ci/setup/as-root.sh

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

python=
for name in python3.13 python3.12 python3.11 python3; do
  if new_enough "$name"; then
    python=$name
    break
  fi
done
if [ -z "$python" ]; then
  echo "error[setup]: Python 3.11 or newer was not found: install it, then run make again" >&2
  exit 2
fi

if ! new_enough .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    apt_install "$python has no venv module" "$python-venv"
  fi
  echo "making .venv with $("$python" --version)" >&2
  "$python" -m venv --clear .venv
fi
echo "installing the dependencies that requirements.lock names" >&2
pip() { .venv/bin/python -m pip --quiet --disable-pip-version-check "$@"; }
pip install --require-hashes --no-deps -r requirements.lock
pip install --no-deps --no-build-isolation -e .
