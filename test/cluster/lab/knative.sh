# Knative Serving from its own manifests (module cache), with our binaries as images. Sourced by up.sh.

# The image local/NAME makes the podlet run $BIN/NAME.
local_images() { sed -E 's#ko://knative.dev/serving/cmd/([a-z-]+)#local/kn-\1:1#' "$1"; }

apply() { kubectl apply --server-side --force-conflicts "$@" >>"$LOGS/apply.log"; }

# configure CONFIGMAP DATA(JSON)
configure() { kubectl -n knative-serving patch configmap "$1" --type merge -p "{\"data\":$2}" >>"$LOGS/apply.log"; }

up_knative() {
  local serving networking core name
  serving=$(module_dir knative knative.dev/serving)
  networking=$(module_dir knative knative.dev/networking)
  core=$serving/config/core
  apply -f "$core/100-namespace.yaml"
  apply -f "$core/200-serviceaccount.yaml" -f "$core/200-roles"
  apply -f "$core/configmaps" -f "$networking/config/config-network.yaml"
  # Without a gateway, direct probes of pods are the only ones that mean something; "auto" would guess at a mesh.
  configure config-network '{"ingress-class":"lab.ingress.networking.knative.dev","mesh-compatibility-mode":"disabled"}'
  configure config-deployment '{"queue-sidecar-image":"local/kn-queue:1","registries-skipping-tag-resolving":"dev.local,ko.local,kind.local,local"}'
  configure config-domain '{"lab.example":""}'
  configure config-autoscaler '{"scale-to-zero-grace-period":"6s","allow-zero-initial-scale":"true"}'
  # Upstream's autoscaler-hpa is installed but rests: the cases wake it when they want to see it beside ours.
  local_images "$serving/config/hpa-autoscaling/controller.yaml" | sed -E '0,/^  selector:/s//  replicas: 0\n  selector:/' >"$MANIFESTS/autoscaler-hpa.yaml"
  apply -f "$MANIFESTS/autoscaler-hpa.yaml"
  for name in controller webhook autoscaler activator; do
    local_images "$core/deployments/$name.yaml" >"$MANIFESTS/$name.yaml"
    apply -f "$MANIFESTS/$name.yaml"
  done
  apply -f "$core/webhooks"
  for name in controller webhook autoscaler activator; do
    kubectl -n knative-serving rollout status "deploy/$name" --timeout=120s >>"$LOGS/apply.log"
  done
  run_ingress_ready
}
