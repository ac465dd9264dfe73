#!/usr/bin/env bash
# up.sh [base|knative|keda]...: starts these parts, in this order (default: all three).
#   HPA_SYNC  period of the HPA controller (default 15s)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
. "$LAB/control-plane.sh"
. "$LAB/knative.sh"
. "$LAB/keda.sh"
mkdir -p "$LOGS" "$MANIFESTS"

make_namespace() {
  ip netns add "$LAB_NS"
  # Names of Services mean the same to a process here as to a pod: podlet answers.
  mkdir -p "/etc/netns/$LAB_NS"
  printf 'nameserver %s\nsearch svc.cluster.local cluster.local\noptions ndots:2\n' "$HOST_IP" >"/etc/netns/$LAB_NS/resolv.conf"
  inlab ip link set lo up
  inlab ip addr add "$HOST_IP/32" dev lo
  inlab ip route add 10.96.0.0/16 dev lo src "$HOST_IP"
  inlab sysctl -qw net.ipv4.ip_forward=1
}

# CustomResourceDefinitions are the pinned modules' own files.
install_crds() {
  local serving networking caching keda
  serving=$(module_dir knative knative.dev/serving)
  networking=$(module_dir knative knative.dev/networking)
  caching=$(module_dir knative knative.dev/caching)
  keda=$(module_dir keda github.com/kedacore/keda/v2)
  "$BIN/kubectl" kustomize "$keda/config/crd" >"$MANIFESTS/keda-crds.yaml"
  # Installed by the cases that want them.
  ln -sfn "$(module_dir prometheus-operator github.com/prometheus-operator/prometheus-operator)/example/prometheus-operator-crd" "$MANIFESTS/prometheus-operator"
  ln -sfn "$(module_dir cert-manager github.com/cert-manager/cert-manager)/deploy/crds" "$MANIFESTS/cert-manager"
  # Knative keeps these as symbolic links, which module archives do not carry: networking and caching have the files themselves.
  kubectl apply --server-side -f "$serving/config/core/300-resources" -f "$networking/config/certificate.yaml" \
    -f "$networking/config/domain-claim.yaml" -f "$networking/config/ingress.yaml" -f "$networking/config/serverlessservice.yaml" \
    -f "$caching/config/image.yaml" -f "$MANIFESTS/keda-crds.yaml" >>"$LOGS/apply.log"
  kubectl wait --for=condition=Established crd --all --timeout=60s >>"$LOGS/apply.log"
}

up_base() {
  make_namespace
  "$LAB/pki.sh"
  run_etcd
  run_kube_apiserver
  run_kube_controller_manager
  run_kube_scheduler
  run_podlet
  run_kube_proxy
  wait_for 30 kubectl get serviceaccount default
  install_crds
}

[ $# -gt 0 ] || set -- base knative keda
for part in "$@"; do
  began=$SECONDS
  case $part in
    base | knative | keda) "up_$part" ;;
    *) say "up.sh knows base, knative and keda, not '$part'" && exit 2 ;;
  esac
  say "$part is up after $((SECONDS - began)) s"
done
