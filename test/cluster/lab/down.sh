#!/usr/bin/env bash
# down.sh [--keep-logs]: ends every process of this lab, removes its namespaces and its state. Safe to run at any time, also after a crash.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

# Pods first, while the API server is there; etcd last.
stop podlet
for file in "$LAB_RUN"/pids/*; do
  name=$(basename "$file")
  case $name in '*' | etcd | kube-apiserver) ;; *) stop "$name" ;; esac
done
stop kube-apiserver
stop etcd

# What is left lives in our namespaces, whoever started it.
for ns in $(ip netns list 2>/dev/null | awk '{print $1}' | grep -E "^$LAB_NS(p[0-9]+)?$"); do
  for pid in $(ip netns pids "$ns" 2>/dev/null); do kill -KILL "$pid" 2>/dev/null; done
  ip netns del "$ns"
  rm -rf "/etc/netns/$ns"
done
rm -rf /etc/netns/"$LAB_NS"p[0-9]*

if [ "${1:-}" = --keep-logs ]; then
  find "$LAB_RUN" -mindepth 1 -maxdepth 1 ! -name logs ! -name pods -exec rm -rf {} + 2>/dev/null
  find "$LAB_RUN/pods" -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} + 2>/dev/null # volumes go, the containers' output stays
else
  rm -rf "$LAB_RUN"
fi
exit 0
