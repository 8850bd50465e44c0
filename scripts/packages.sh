#!/bin/sh
# Makes sure that the Debian packages named as arguments are there: installs the missing ones when
# run as root, otherwise prints the one line to run and fails.
set -e
missing=""
for package in "$@"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ]; then
  echo "moonlet needs some packages; please run: sudo apt-get install -y$missing" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get install -y --no-install-recommends $missing >/dev/null 2>&1 && exit 0
apt-get update && apt-get install -y --no-install-recommends $missing
