#!/usr/bin/env bash
# A bench that needs the lab of test:cluster (see lab/README.md): bench.sh NAME [--rounds N] [--seconds S]; `npm run bench -- NAME` calls it.
# Its figures are shown as they come, and once more at the end.
set -euo pipefail
name=${1:?bench.sh needs the name of a bench} && shift
while [ $# -gt 0 ]; do
  case $1 in
    --rounds | --seconds)
      [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || { echo "bench: $1 is '${2:-}'; it must be a whole number above 0" >&2 && exit 2; }
      option=${1#--}
      declare -x "BENCH_${option^^}=$2"
      shift
      ;;
    *) echo "bench: unknown option '$1'; there are --rounds N and --seconds S" >&2 && exit 2 ;;
  esac
  shift
done
exec bash "$(dirname "${BASH_SOURCE[0]}")/run.sh" --bench "$name"
