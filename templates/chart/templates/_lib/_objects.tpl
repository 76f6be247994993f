{{- define "platform.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "platform.metadata" . | nindent 2 }}
automountServiceAccountToken: false
{{- end -}}

{{/* Lower bound of a workload's pods; replicas raises it where autoscaling is on. */}}
{{- define "platform.minReplicas" -}}
{{- $autoscaling := .values.autoscaling | default dict -}}
{{- if $autoscaling.enabled -}}
{{- max ($autoscaling.minReplicas | default 1) (.values.replicas | default 0) -}}
{{- else -}}
{{- .values.replicas -}}
{{- end -}}
{{- end -}}

{{/* replicas of a Deployment: absent where an autoscaler owns them. */}}
{{- define "platform.replicas" -}}
{{- if not (.values.autoscaling | default dict).enabled -}}
replicas: {{ .values.replicas }}
{{- end -}}
{{- end -}}

{{/* Kept from a drain: all but one of two or more pods. With one pod a budget would only block the drain. */}}
{{- define "platform.pdb" -}}
{{- if gt (include "platform.minReplicas" . | int) 1 }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "platform.metadata" . | nindent 2 }}
spec:
  {{- if .minAvailable }}
  minAvailable: {{ .minAvailable }}
  {{- else }}
  maxUnavailable: 1
  {{- end }}
  selector:
    matchLabels:
      {{- include "platform.selector" . | nindent 6 }}
{{- end }}
{{- end -}}

{{- define "platform.hpa" -}}
{{- $autoscaling := .values.autoscaling | default dict -}}
{{- if $autoscaling.enabled }}
{{- $minimum := include "platform.minReplicas" . | int }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "platform.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ .name }}
  minReplicas: {{ $minimum }}
  maxReplicas: {{ max $minimum ($autoscaling.maxReplicas | default 1) }}
  metrics:
    {{- range $resource := list "cpu" "memory" }}
    {{- with get $autoscaling $resource }}
    - type: Resource
      resource:
        name: {{ $resource }}
        target:
          type: Utilization
          averageUtilization: {{ . }}
    {{- end }}
    {{- end }}
  behavior:
    scaleDown:
      stabilizationWindowSeconds: 300
{{- end }}
{{- end -}}

{{/* "true" when KEDA scales instead of an HPA of ours. */}}
{{- define "platform.keda" -}}
{{- if and .Values.keda.enabled (include "platform.has" (list . "keda.sh/v1alpha1")) }}true{{ end -}}
{{- end -}}
