{{/* Peers that are pods of this release: (dict root, components) */}}
{{- define "platform.peers" -}}
- podSelector:
    matchLabels:
      app.kubernetes.io/instance: {{ .root.Release.Name }}
    matchExpressions:
      - { key: app.kubernetes.io/component, operator: In, values: [{{ join ", " .components }}] }
{{- end -}}

{{- define "platform.ports" -}}
{{- range . }}
- { protocol: TCP, port: {{ . }} }
{{- end }}
{{- end -}}

{{/* One ingress rule: (dict root, components, ports) */}}
{{- define "platform.from" -}}
- from:
    {{- include "platform.peers" . | nindent 4 }}
  ports:
    {{- include "platform.ports" .ports | trim | nindent 4 }}
{{- end -}}

{{/* One egress rule: (dict root, components, ports) */}}
{{- define "platform.to" -}}
- to:
    {{- include "platform.peers" . | nindent 4 }}
  ports:
    {{- include "platform.ports" .ports | trim | nindent 4 }}
{{- end -}}

{{- define "platform.fromIngressController" -}}
{{- $policy := .root.Values.networkPolicy -}}
{{- if .root.Values.ingress.enabled }}
- from:
    - namespaceSelector:
        matchLabels:
          {{- toYaml $policy.ingressControllerNamespaceSelector | nindent 10 }}
    {{- range $policy.ingressControllerCidrs }}
    - ipBlock: { cidr: {{ . }} }
    {{- end }}
  ports:
    {{- include "platform.ports" .ports | trim | nindent 4 }}
{{- end }}
{{- end -}}

{{- define "platform.fromMonitoring" -}}
{{- with .root.Values.networkPolicy.monitoringNamespace }}
- from:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ . }}
  ports:
    {{- include "platform.ports" $.ports | trim | nindent 4 }}
{{- end }}
{{- end -}}

{{/* What the components that run the application's code reach. */}}
{{- define "platform.toData" -}}
{{ include "platform.to" (dict "root" . "components" (list "pgbouncer") "ports" (list 5432)) }}
{{- if gt (int .Values.postgresReplica.replicas) 0 }}
{{ include "platform.to" (dict "root" . "components" (list "postgres-replica") "ports" (list 5432)) }}
{{- end }}
{{ include "platform.to" (dict "root" . "components" (list "redis") "ports" (list 6379 26379)) }}
{{- end -}}

{{- define "platform.toServices" -}}
{{ include "platform.to" (dict "root" . "components" (list "state-manager") "ports" (list 8001)) }}
{{- if .Values.mcp.servers }}
{{ include "platform.to" (dict "root" . "components" (list "mcp-server") "ports" (list 8080)) }}
{{- end }}
{{- if and .Values.llm.baseUrl .Values.networkPolicy.llm.cidrs }}
- to:
    {{- range .Values.networkPolicy.llm.cidrs }}
    - ipBlock: { cidr: {{ . }} }
    {{- end }}
  ports:
    {{- include "platform.ports" .Values.networkPolicy.llm.ports | trim | nindent 4 }}
{{- end }}
{{- end -}}

{{/* Head of a component's policy; rules follow. */}}
{{- define "platform.policy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "platform.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/instance: {{ .root.Release.Name }}
      app.kubernetes.io/component: {{ .component }}
  policyTypes: [Ingress, Egress]
{{- end -}}

{{/* KEDA's operator reads the queue's length. */}}
{{- define "platform.fromKeda" -}}
{{- if include "platform.keda" . }}
- from:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ .Values.networkPolicy.kedaNamespace }}
  ports:
    {{- include "platform.ports" (list 6379 26379) | trim | nindent 4 }}
{{- end }}
{{- end -}}

{{/* Pooled connections for the servers that want the database. */}}
{{- define "platform.mcpEgress" -}}
{{- $wanted := false -}}
{{- range .Values.mcp.servers -}}{{- if .database -}}{{- $wanted = true -}}{{- end -}}{{- end -}}
{{- if $wanted -}}
{{ include "platform.to" (dict "root" . "components" (list "pgbouncer") "ports" (list 5432)) }}
{{- end -}}
{{- end -}}

{{/* What default deny and DNS are about. */}}
{{- define "platform.everyPod" -}}
{{- if eq .Values.networkPolicy.defaultDeny "namespace" -}}
{}
{{- else -}}
matchLabels:
  app.kubernetes.io/instance: {{ .Release.Name }}
  app.kubernetes.io/part-of: migrate-platform
{{- end -}}
{{- end -}}

{{/* ingress or egress of a policy: (dict direction (list rule...)); rules that turned out empty are left out, and the direction with them. */}}
{{- define "platform.rules" -}}
{{- range $direction, $rules := . -}}
{{- $text := join "\n" $rules | trim -}}
{{- if $text -}}
{{ $direction }}:
  {{- $text | nindent 2 }}
{{- end -}}
{{- end -}}
{{- end -}}
