{{/* data of frontend-config */}}
{{- define "platform.frontendConfig" -}}
{{- $own := ternary (printf "https://%s" .Values.ingress.host) "" (ne .Values.ingress.host "") -}}
api-base-url: {{ .Values.frontend.apiBaseUrl | default $own | quote }}
environment: {{ .Values.frontend.environment | quote }}
feature-flags: {{ toJson .Values.features | quote }}
{{- end -}}
