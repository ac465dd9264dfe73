# How each process of the control plane is started; one function per process, named run_NAME. Sourced by up.sh and restart.sh.

run_etcd() {
  mkdir -p "$LAB_RUN/etcd"
  start etcd "$BIN/etcd" --data-dir "$LAB_RUN/etcd" --unsafe-no-fsync --log-level warn \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 --listen-peer-urls http://127.0.0.1:2380
  wait_for 30 inlab curl -sf http://127.0.0.1:2379/health
}

# The API server refuses loopback addresses in Endpoints, hence an address of the namespace. Aggregator routing lets webhooks and
# aggregated APIs reach the addresses in Endpoints without a service proxy.
run_kube_apiserver() {
  start kube-apiserver "$BIN/kube-apiserver" --etcd-servers http://127.0.0.1:2379 \
    --bind-address "$HOST_IP" --advertise-address "$HOST_IP" --secure-port 6443 --service-cluster-ip-range 10.96.0.0/16 \
    --client-ca-file "$PKI/ca.crt" --tls-cert-file "$PKI/apiserver.crt" --tls-private-key-file "$PKI/apiserver.key" \
    --service-account-key-file "$PKI/sa.key" --service-account-signing-key-file "$PKI/sa.key" \
    --service-account-issuer https://kubernetes.default.svc --authorization-mode RBAC --allow-privileged \
    --requestheader-client-ca-file "$PKI/front-ca.crt" --requestheader-allowed-names front-proxy-client \
    --requestheader-extra-headers-prefix X-Remote-Extra- --requestheader-group-headers X-Remote-Group \
    --requestheader-username-headers X-Remote-User --proxy-client-cert-file "$PKI/front.crt" --proxy-client-key-file "$PKI/front.key" \
    --audit-policy-file "$LAB/audit-policy.yaml" --audit-log-path "$LAB_RUN/audit.log" \
    --enable-aggregator-routing=true --event-ttl 30m --max-requests-inflight 2000 --max-mutating-requests-inflight 1000
  wait_for 90 kubectl get --raw /readyz
}

run_kube_controller_manager() {
  start kube-controller-manager "$BIN/kube-controller-manager" --kubeconfig "$LAB_RUN/admin.kubeconfig" \
    --authentication-kubeconfig "$LAB_RUN/admin.kubeconfig" --authorization-kubeconfig "$LAB_RUN/admin.kubeconfig" \
    --bind-address 127.0.0.1 --leader-elect=false --service-account-private-key-file "$PKI/sa.key" --root-ca-file "$PKI/ca.crt" \
    --horizontal-pod-autoscaler-sync-period "${HPA_SYNC:-15s}" --kube-api-qps 200 --kube-api-burst 400
  wait_for 60 inlab curl -skf https://127.0.0.1:10257/healthz
}

run_kube_scheduler() {
  start kube-scheduler "$BIN/kube-scheduler" --kubeconfig "$LAB_RUN/admin.kubeconfig" \
    --authentication-kubeconfig "$LAB_RUN/admin.kubeconfig" --authorization-kubeconfig "$LAB_RUN/admin.kubeconfig" \
    --bind-address 127.0.0.1 --leader-elect=false --kube-api-qps 200 --kube-api-burst 400
}

# Stands in for the kubelet, the network plugin and the cluster's DNS.
run_podlet() {
  # What images stand for: the shared binaries, and what this lab alone has.
  mkdir -p "$LAB_RUN/bin"
  ln -sn "$BIN"/* "$LAB_RUN/bin" 2>/dev/null || true
  start_shared podlet "$BIN/podlet" --kubeconfig "$LAB_RUN/admin.kubeconfig" --bin "$LAB_RUN/bin" --run "$LAB_RUN/pods" --prefix "${LAB_NS}p"
  wait_for 30 kubectl get node lab-node
}

run_kube_proxy() {
  cat >"$LAB_RUN/kube-proxy.yaml" <<CONFIG
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
hostnameOverride: lab-node
clientConnection: {kubeconfig: $LAB_RUN/admin.kubeconfig}
clusterCIDR: 10.244.0.0/16
bindAddress: $HOST_IP
metricsBindAddress: 127.0.0.1:10249
healthzBindAddress: 127.0.0.1:10256
nftables: {syncPeriod: 30s, minSyncPeriod: 50ms}
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
nodePortAddresses: ["$HOST_IP/32"]
CONFIG
  start kube-proxy "$BIN/kube-proxy" --config "$LAB_RUN/kube-proxy.yaml"
  wait_for 30 inlab curl -sf http://127.0.0.1:10256/healthz
}

# Stands in for an ingress controller: marks every KIngress ready.
run_ingress_ready() { start ingress-ready "${NODE:-node}" "$LAB/ingress-ready.mjs" "$LAB_RUN/admin.kubeconfig"; }
