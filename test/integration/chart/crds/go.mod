// The releases whose CRDs the optional parts of the chart are tested against: what clients run, and what Go 1.24 can download. Nothing here is built.
module example.invalid/crds

go 1.24.4

require (
	github.com/cert-manager/cert-manager v1.18.2
	github.com/cilium/cilium v1.15.19
	github.com/external-secrets/external-secrets v0.16.2
	github.com/kedacore/keda/v2 v2.16.1
	github.com/open-policy-agent/gatekeeper/v3 v3.17.0
	github.com/openshift/api v0.0.0-20250820105013-6282350d0c39
	github.com/prometheus-operator/prometheus-operator v0.85.0
	istio.io/api v1.31.4
	sigs.k8s.io/gateway-api v1.4.1
)
