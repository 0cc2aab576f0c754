# To be sourced: `as_root COMMAND...` runs it as root, or says in one sentence why it cannot.

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    return 1
  fi
}

# apt_install REASON PACKAGE...
apt_install() {
  reason=$1
  shift
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "error[setup]: $reason, and this system has no apt-get: install $* by hand" >&2
    return 1
  fi
  echo "installing $*: $reason" >&2
  if ! { as_root apt-get update -qq &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >&2 </dev/null; then
    echo "error[setup]: $reason, and it could not be installed: run apt-get install $* as root" >&2
    return 1
  fi
}
