#!/usr/bin/env bash
# restart.sh NAME [kill|stop] [SECONDS]: ends a process of the control plane, in good order or (kill) at once, and starts it anew after so many seconds.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
. "$LAB/control-plane.sh"
name=${1:?name of a process in $LAB_RUN/pids}
pid=$(cat "$LAB_RUN/pids/$name")
if [ "${2:-}" = kill ] && is_ours "$pid"; then kill -KILL "$pid"; fi
stop "$name"
sleep "${3:-0}"
wait_for 60 bash -c "! kill -0 $pid" # a killed process keeps its port until the kernel has taken it apart
"run_${name//-/_}"
