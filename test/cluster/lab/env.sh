# Settings and functions that every script of the lab shares. Sourced, never run.
#
#   LAB_ROOT  where binaries, state and logs live (default ~/.cache/hpa-bridge-lab). Not under the system's temporary folder: pods mount their own there.
#   LAB_NS    the name of the lab's network namespace (default hpabridge, at most 10 characters). Labs of different names run side by side.

LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export LAB_ROOT=${LAB_ROOT:-${XDG_CACHE_HOME:-$HOME/.cache}/hpa-bridge-lab}
export LAB_NS=${LAB_NS:-hpabridge}
BIN=$LAB_ROOT/bin
export LAB_RUN=$LAB_ROOT/run-$LAB_NS
LOGS=$LAB_RUN/logs
PKI=$LAB_RUN/pki
MANIFESTS=$LAB_RUN/manifests
HOST_IP=10.244.0.1 # of the lab's namespace: API server, gateway and DNS of the pods

# Runs a command inside the lab's network namespace, where pod and service addresses are reachable.
inlab() { ip netns exec "$LAB_NS" "$@"; }

kubectl() { inlab "$BIN/kubectl" --kubeconfig "$LAB_RUN/admin.kubeconfig" "$@"; }

say() { echo "lab: $*" >&2; }

# start NAME COMMAND...: in the background, in the lab's namespace; its pid in pids/NAME, its output in logs/NAME.log.
# `ip netns exec` gives the program a mount namespace of its own. A program that makes namespaces itself is started
# with start_shared, so that everybody sees what it made.
start() { start_with "ip netns exec $LAB_NS" "$@"; }
start_shared() { start_with "nsenter --net=/run/netns/$LAB_NS" "$@"; }
start_with() {
  local enter=$1 name=$2
  shift 2
  mkdir -p "$LAB_RUN/pids" "$LOGS"
  # shellcheck disable=SC2086 # the entering command is several words
  setsid $enter "$@" >>"$LOGS/$name.log" 2>&1 </dev/null 9>&- &
  echo $! >"$LAB_RUN/pids/$name"
}

# True when this pid is a process of this lab: a pid file of an aborted run may name somebody else's process by now.
is_ours() {
  local in
  in=$(ip netns identify "$1" 2>/dev/null) || return 1
  [[ $in == "$LAB_NS" || $in == "$LAB_NS"p* ]]
}

# stop NAME: SIGTERM, ten seconds, SIGKILL.
stop() {
  local file=$LAB_RUN/pids/$1 pid
  [ -f "$file" ] || return 0
  pid=$(cat "$file")
  rm -f "$file"
  is_ours "$pid" || return 0
  kill -TERM "$pid" 2>/dev/null
  for _ in $(seq 100); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
  local end=$(($(date +%s) + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    if [ "$(date +%s)" -ge "$end" ]; then
      say "gave up waiting for: $*"
      return 1
    fi
    sleep 0.1
  done
}

# module_dir WRAPPER MODULE: the folder of a pinned module in the module cache.
module_dir() { (cd "$LAB/modules/$1" && go mod download "$2" && go list -m -f '{{.Dir}}' "$2"); }
