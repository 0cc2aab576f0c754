#!/bin/sh
# The report tests drive a browser of the system; the one from Debian is enough.
set -eu
cd "$(dirname "$0")/../.."
. .ci/setup/as-root.sh

for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null 2>&1; then
    exit 0
  fi
done
apt_install "the report tests need Chromium" chromium
