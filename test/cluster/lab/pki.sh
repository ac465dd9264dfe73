#!/usr/bin/env bash
# pki.sh: the certificates and keys of the control plane, and an administrator's kubeconfig. Once per lab.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
mkdir -p "$PKI"
cd "$PKI"
[ ! -f "$LAB_RUN/admin.kubeconfig" ] || exit 0

curve=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)

# authority FILE NAME
authority() { openssl req -x509 "${curve[@]}" -days 365 -keyout "$1.key" -out "$1.crt" -subj "/CN=$2" 2>/dev/null; }

# certificate FILE SUBJECT AUTHORITY EXTENSIONS
certificate() {
  openssl req "${curve[@]}" -keyout "$1.key" -out "$1.csr" -subj "$2" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA "$3.crt" -CAkey "$3.key" -CAcreateserial -days 365 -out "$1.crt" \
    -extfile <(printf '%s\n' "$4") 2>/dev/null
}

authority ca lab-ca
authority front-ca lab-front-proxy-ca
certificate apiserver /CN=kube-apiserver ca "subjectAltName=IP:$HOST_IP,IP:127.0.0.1,IP:10.96.0.1,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:localhost
extendedKeyUsage=serverAuth"
certificate admin /O=system:masters/CN=admin ca extendedKeyUsage=clientAuth
certificate front /CN=front-proxy-client front-ca extendedKeyUsage=clientAuth
openssl genrsa -out sa.key 2048 2>/dev/null

cat >"$LAB_RUN/admin.kubeconfig" <<KUBECONFIG
apiVersion: v1
kind: Config
current-context: lab
clusters: [{name: lab, cluster: {server: "https://$HOST_IP:6443", certificate-authority-data: $(base64 -w0 ca.crt)}}]
users: [{name: admin, user: {client-certificate-data: $(base64 -w0 admin.crt), client-key-data: $(base64 -w0 admin.key)}}]
contexts: [{name: lab, context: {cluster: lab, user: admin}}]
KUBECONFIG
