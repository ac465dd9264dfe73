#!/usr/bin/env bash
# restart.sh NAME [SIGNAL]: ends a process of the control plane (default TERM; KILL for a crash) and starts it anew.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
. "$LAB/control-plane.sh"
name=${1:?name of a process in $LAB_RUN/pids} signal=${2:-TERM}
pid=$(cat "$LAB_RUN/pids/$name")
if is_ours "$pid"; then
  kill "-$signal" "$pid"
  wait_for 60 bash -c "! kill -0 $pid"
fi
"run_${name//-/_}"
