#!/usr/bin/env bash
# Requests at the worst of moments, for as long as one likes, on the lab of test:cluster (see lab/README.md).
#
#   npm run soak -- zero --cycles N
#     zero        from N pods to none and back
#     --cycles N  how often; 1000 unless told
#
# The last lines say what was sent, answered, lost and doubled.
set -euo pipefail
cycles=1000
[ "${1:-}" = zero ] || { echo "soak: what is to be soaked is '${1:-}'; there is zero" >&2 && exit 2; }
shift
while [ $# -gt 0 ]; do
  case $1 in
    --cycles) cycles=${2:?--cycles needs a number} && shift ;;
    *) echo "soak: unknown option '$1'; there is --cycles N" >&2 && exit 2 ;;
  esac
  shift
done
[[ $cycles =~ ^[1-9][0-9]*$ ]] || { echo "soak: --cycles is '$cycles'; it must be a whole number above 0" >&2 && exit 2; }
SOAK_CYCLES=$cycles exec bash "$(dirname "${BASH_SOURCE[0]}")/run.sh" --only soak
