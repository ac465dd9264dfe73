#!/usr/bin/env bash
# The end-to-end cases, on a real control plane in network namespaces of this machine (see lab/README.md).
#
#   npm run test:cluster -- [--only NAME]... [--keep]
#     --only NAME  one file of test/cluster (NAME.test.ts), or the cases whose title contains NAME; several files may be named
#     --keep       leave the lab running afterwards; `test/cluster/lab/down.sh` ends it
#
# The last line is `N passed, N failed`. The first run builds Kubernetes, etcd, Knative and KEDA (about 11 minutes on two cores).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export PATH="$PWD/node_modules/.bin:$PATH:/usr/local/go/bin:/usr/sbin:/sbin"
. test/cluster/lab/env.sh

keep= select=() project=cluster
while [ $# -gt 0 ]; do
  case $1 in
    --keep) keep=yes ;;
    --only)
      if [ -f "test/cluster/${2:?--only needs a name}.test.ts" ]; then select+=("test/cluster/$2.test.ts"); else select+=(--testNamePattern "$2"); fi
      shift
      ;;
    --bench) project=bench select+=("test/cluster/bench/${2:?--bench needs a name}.bench.ts") && shift ;; # bench.sh says it
    *) echo "test:cluster: unknown option '$1'; there are --only NAME and --keep" >&2 && exit 2 ;;
  esac
  shift
done

give_up() {
  echo "test:cluster: $*" >&2
  echo "0 passed, 1 failed"
  exit 1
}

install_tools() {
  [ "$(uname -s)" = Linux ] || give_up "needs Linux, for its network namespaces"
  [ "$(id -u)" = 0 ] || give_up "needs root, to make network namespaces and install packages"
  tools/debian.sh iproute2 nftables conntrack openssl curl prometheus || give_up "could not install what the lab needs with apt-get"
  command -v go >/dev/null || give_up "needs Go 1.21 or newer on the PATH (it fetches the toolchain that the modules name); Debian 12's golang is older"
}

mkdir -p "$LAB_ROOT"
exec 9>"$LAB_ROOT/lock-$LAB_NS"
# A run that was just stopped takes its lab down before it lets go.
flock -w 120 9 || give_up "another run uses the lab '$LAB_NS'; wait for it, or set LAB_NS to another name"

tests=() results=()
# cases NAME [FILE or option of Jest]...: in the background; its pid is added to `tests`, the file of what came of it to `results`.
cases() {
  local result=$LAB_RUN/result-$1.json
  ip netns exec "$LAB_NS" "$NODE" --disable-warning=ExperimentalWarning --experimental-vm-modules node_modules/jest/bin/jest.js \
    --selectProjects "$project" --runInBand --verbose --json --outputFile "$result" "${@:2}" >/dev/null 9>&- &
  tests+=($!) results+=("$result")
}

clean_up() {
  trap - EXIT
  trap '' INT TERM HUP
  [ ${#tests[@]} = 0 ] || kill -KILL "${tests[@]}" 2>/dev/null
  if [ -n "$keep" ]; then
    say "still running; \`. test/cluster/lab/env.sh; kubectl get pods -A\` talks to it, test/cluster/lab/down.sh ends it"
  else
    test/cluster/lab/down.sh ${1:+--keep-logs}
  fi
}
trap 'clean_up failed; exit 143' INT TERM HUP
trap 'clean_up failed' EXIT

install_tools
test/cluster/lab/down.sh # what an aborted run left
test/cluster/lab/build.sh 9>&- || give_up "could not build the control plane"
ln -sf "$(command -v prometheus)" "$BIN/prometheus"
npm run --silent build 9>&- >&2 || give_up "could not build the bundle"
export HPA_SYNC=2s # a test should not wait for the HPA controller
NODE=$(readlink -f node_modules/.bin/node)
export NODE
mkdir -p "$LAB_RUN/bin"
printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$NODE" "$PWD/dist/hpa-bridge.mjs" >"$LAB_RUN/bin/hpa-bridge" # the image local/hpa-bridge
chmod +x "$LAB_RUN/bin/hpa-bridge"
test/cluster/lab/up.sh 9>&- || give_up "the lab did not come up; see $LOGS"

# It has a control plane of its own, and waits for bookmarks most of the time.
APART=test/cluster/kube-contract.test.ts
if [ ${#select[@]} = 0 ]; then
  mapfile -t select < <(printf '%s\n' test/cluster/*.test.ts | grep -vFx "$APART")
  cases contract "$APART"
fi
cases lab "${select[@]}"

code=0
for run in "${tests[@]}"; do wait "$run" || code=$?; done
tests=()

summary=$("$NODE" -e '
  const runs = process.argv.slice(1).map((path) => JSON.parse(require("fs").readFileSync(path, "utf8")));
  const broken = runs.flatMap(({ testResults }) => testResults).filter((file) => file.status === "failed" && file.assertionResults.length === 0);
  const sum = (count) => runs.reduce((all, run) => all + run[count], 0);
  console.log(`${sum("numPassedTests")} passed, ${sum("numFailedTests") + broken.length} failed`);' "${results[@]}" 2>/dev/null) ||
  summary="0 passed, 1 failed"
[ ! -f "$LAB_RUN/figures.txt" ] || cat "$LAB_RUN/figures.txt"
if [ "$code" = 0 ] && [[ $summary == *", 0 failed" ]]; then clean_up; else
  code=1
  clean_up failed
  say "logs of every process are in $LAB_RUN"
fi
echo "$summary"
exit "$code"
