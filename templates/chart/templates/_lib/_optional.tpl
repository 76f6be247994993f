{{/* Istio's networking API that the cluster serves, the newer first; empty without it. */}}
{{- define "platform.istioApi" -}}
{{- if include "platform.has" (list . "networking.istio.io/v1") -}}networking.istio.io/v1
{{- else if include "platform.has" (list . "networking.istio.io/v1beta1") -}}networking.istio.io/v1beta1
{{- end -}}
{{- end -}}

{{/* What was asked for and is left out because the cluster has no API for it: a list. */}}
{{- define "platform.warnings" -}}
{{- $asked := list
  (list .Values.keda.enabled "keda.sh/v1alpha1" "keda.enabled: workers are scaled by CPU")
  (list (or .Values.serviceMonitor.enabled .Values.prometheusRule.enabled) "monitoring.coreos.com/v1" "serviceMonitor, prometheusRule: nothing is scraped")
  (list (and .Values.ingress.enabled (eq .Values.ingress.kind "gateway")) "gateway.networking.k8s.io/v1" "ingress.kind gateway: the platform has no address")
  (list (and .Values.ingress.enabled (eq .Values.ingress.kind "route")) "route.openshift.io/v1" "ingress.kind route: the platform has no address")
  (list (and .Values.ingress.enabled (eq .Values.ingress.tls.mode "cert-manager")) "cert-manager.io/v1" "ingress.tls.mode cert-manager: nobody makes the certificate")
  (list .Values.networkPolicy.cilium "cilium.io/v2" "networkPolicy.cilium: llm.hosts are not opened by name")
-}}
{{- range $asked }}
{{- if and (index . 0) (not (include "platform.has" (list $ (index . 1)))) }}
- {{ printf "%s (the cluster does not serve %s)" (index . 2) (index . 1) | quote }}
{{- end }}
{{- end }}
{{- if and .Values.istio.enabled (not (include "platform.istioApi" .)) }}
- istio.enabled; the cluster does not serve networking.istio.io
{{- end }}
{{- if and (eq .Values.secrets.mode "external") (not (include "platform.externalSecretsApi" .)) }}
- secrets.mode external; the cluster does not serve external-secrets.io, no Secret will appear
{{- end }}
{{- if and .Values.gatekeeper.enabled (ne .Values.scope "cluster") }}
- gatekeeper.enabled has no effect in scope namespace
{{- end }}
{{- end -}}
