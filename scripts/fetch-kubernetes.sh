#!/usr/bin/env bash
# Builds the Kubernetes control plane that rehearsals run, to where they look for it: scripts/fetch-kubernetes.sh
# From Go modules, whose versions and checksums are in scripts/kubernetes. Needs Go 1.26; takes about seven minutes of two
# cores the first time, and 600 MB of modules and 3 GB of build cache, which `go clean -cache -modcache` gives back.
set -euo pipefail
sources="$(cd "$(dirname "$0")" && pwd)/kubernetes"
target="$HOME/.cache/testcast/kubernetes"
# A build that was cut off leaves no folder that looks whole: the mark is written last.
mark="$target/.built-$(cat "$sources"/*/go.sum "$sources"/*/go.mod | cksum | cut -d' ' -f1)"
if [ -f "$mark" ]; then exit 0; fi
mkdir -p "$target"
rm -f "$target"/.built-*

version="$(awk '$1 == "k8s.io/kubernetes" && $2 != "=>" {print $2}' "$sources/control-plane/go.mod")"
minor="$(cut -d. -f2 <<<"$version")"
# Without these it calls itself v0.0.0, and refuses what asks for a version.
flags='-s -w'
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  flags="$flags -X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=$minor"
done

build() {
  local module="$1" package="$2" program="$3"
  echo "building $program" >&2
  (cd "$sources/$module" && CGO_ENABLED=0 nice -n 15 go build -mod=readonly -trimpath -ldflags "$flags" -o "$target/$program" "$package")
}
build control-plane go.etcd.io/etcd/server/v3 etcd
build control-plane k8s.io/kubernetes/cmd/kube-apiserver kube-apiserver
build control-plane k8s.io/kubernetes/cmd/kube-controller-manager kube-controller-manager
build control-plane k8s.io/kubernetes/cmd/kube-scheduler kube-scheduler
build control-plane k8s.io/kubernetes/cmd/kubectl kubectl
build metrics-adapter sigs.k8s.io/prometheus-adapter/cmd/adapter prometheus-adapter
touch "$mark"
