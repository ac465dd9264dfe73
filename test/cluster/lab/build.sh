#!/usr/bin/env bash
# build.sh [k8s|etcd|knative|keda|helm|lab]...: builds the binaries from the pinned modules into $LAB_ROOT/bin.
# A binary is built again only when its module files, our sources or its flags changed. Cold, on two cores: k8s 4 min, etcd 16 s,
# knative 75 s, keda 5 min, helm 40 s, lab 3 s, beside the downloads.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
mkdir -p "$BIN"
export GOFLAGS=-buildvcs=false CGO_ENABLED=0

# binary NAME FOLDER PACKAGE [LDFLAGS]
binary() {
  local name=$1 folder=$2 package=$3 flags=${4:-} stamp=$BIN/.$1.stamp wanted log=$BIN/.$1.log
  wanted=$(
    # A package of another module matches no file here: its version is in go.mod.
    cat "$folder/go.sum" "$folder/go.mod" "$folder"/*.go "$folder/$package"/*.go 2>/dev/null | sha256sum
    echo "$package $flags"
  )
  if [ -x "$BIN/$name" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then return 0; fi
  say "building $name"
  if ! (cd "$folder" && go build -p 2 -trimpath -ldflags "-s -w $flags" -o "$BIN/$name" "$package") >"$log" 2>&1; then
    say "could not build $name:"
    tail -n 20 "$log" >&2
    return 1
  fi
  echo "$wanted" >"$stamp"
}

build_k8s() {
  # The version is stamped into the binaries: Knative and KEDA ask the API server for it.
  local version minor flags command
  version=$(awk '$1=="k8s.io/kubernetes"{print $2}' "$LAB/modules/k8s/go.mod")
  minor=$(cut -d. -f2 <<<"$version")
  flags="-X k8s.io/component-base/version.gitVersion=$version -X k8s.io/component-base/version.gitMajor=1"
  flags="$flags -X k8s.io/component-base/version.gitMinor=$minor -X k8s.io/component-base/version.gitTreeState=clean"
  flags="$flags -X k8s.io/component-base/version.gitCommit=lab -X k8s.io/client-go/pkg/version.gitVersion=$version"
  for command in kube-apiserver kubectl kube-controller-manager kube-scheduler kube-proxy; do
    binary "$command" "$LAB/modules/k8s" "k8s.io/kubernetes/cmd/$command" "$flags"
  done
}

build_etcd() { binary etcd "$LAB/modules/etcd" go.etcd.io/etcd/server/v3; }

build_knative() {
  local command
  for command in controller webhook autoscaler autoscaler-hpa activator queue; do
    binary "kn-$command" "$LAB/modules/knative" "knative.dev/serving/cmd/$command"
  done
}

build_keda() {
  local command
  for command in operator adapter webhooks; do
    binary "keda-$command" "$LAB/modules/keda" "github.com/kedacore/keda/v2/cmd/$command"
  done
}

build_helm() {
  # Stamped as its releases are: charts may ask for a version of Kubernetes, and without a cluster it is the one of Helm's client.
  local version minor flags chartutil=helm.sh/helm/v3/pkg/chartutil rules=helm.sh/helm/v3/pkg/lint/rules
  version=$(awk '$1=="helm.sh/helm/v3"{print $2}' "$LAB/modules/helm/go.mod")
  minor=$(awk '$1=="k8s.io/client-go"{print $2}' "$LAB/modules/helm/go.mod" | cut -d. -f2)
  flags="-X helm.sh/helm/v3/internal/version.version=$version -X $chartutil.k8sVersionMajor=1 -X $chartutil.k8sVersionMinor=$minor"
  flags="$flags -X $rules.k8sVersionMajor=1 -X $rules.k8sVersionMinor=$minor"
  binary helm "$LAB/modules/helm" helm.sh/helm/v3/cmd/helm "$flags"
}

build_lab() {
  binary podlet "$LAB/podlet" .
  binary labapp "$LAB/podlet" ./cmd/labapp
  binary modelfetch "$LAB/podlet" ./cmd/modelfetch
}

exec 8>"$BIN/.lock"
flock 8 # two builds at once would do everything twice
[ $# -gt 0 ] || set -- k8s etcd knative keda helm lab
for part in "$@"; do
  case $part in
    k8s | etcd | knative | keda | helm | lab) "build_$part" ;;
    *) say "build.sh knows k8s, etcd, knative, keda, helm and lab, not '$part'" && exit 2 ;;
  esac
done
