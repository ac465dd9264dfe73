#!/usr/bin/env bash
# debian.sh PACKAGE...: installs those of these Debian packages of which there is no command of the same name (iproute2: ip, nftables: nft).
# Needs root. Services that come with them are not started.
set -euo pipefail

command_of() { case $1 in iproute2) echo ip ;; nftables) echo nft ;; *) echo "$1" ;; esac; }

missing=()
for package; do command -v "$(command_of "$package")" >/dev/null || missing+=("$package"); done
[ ${#missing[@]} -gt 0 ] || exit 0
echo "installing ${missing[*]}" >&2
# Debian would start a service at once; the policy file keeps it from doing so.
policy=/usr/sbin/policy-rc.d
[ -e "$policy" ] || {
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
}
apt-get update -qq >&2 </dev/null
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2 </dev/null
