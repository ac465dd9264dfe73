# KEDA from its own kustomization (module cache), with our binaries as images. Sourced by up.sh.

up_keda() {
  local keda name
  keda=$(module_dir keda github.com/kedacore/keda/v2)
  "$BIN/kubectl" kustomize "$keda/config/default" |
    sed -E 's#image: ghcr.io/kedacore/keda-admission-webhooks:.*#image: local/keda-webhooks:1#
            s#image: ghcr.io/kedacore/keda-metrics-apiserver:.*#image: local/keda-adapter:1#
            s#image: ghcr.io/kedacore/keda:.*#image: local/keda-operator:1#' >"$MANIFESTS/keda.yaml"
  kubectl create namespace keda >>"$LOGS/apply.log"
  apply -f "$MANIFESTS/keda.yaml"
  for name in keda-operator keda-metrics-apiserver keda-admission; do
    kubectl -n keda rollout status "deploy/$name" --timeout=180s >>"$LOGS/apply.log"
  done
  kubectl wait --for=condition=Available apiservice/v1beta1.external.metrics.k8s.io --timeout=180s >>"$LOGS/apply.log"
}
