{{/* Keys of each generated Secret, as the images expect them. */}}
{{- define "platform.secretKeys" -}}
postgres: [postgres-password, app-password, replication-password, pgbouncer-password, monitoring-password, backup-password]
redis: [redis-password]
app: [secret-key, jwt-secret]
{{- if ne .Values.backup.encryption "none" }}
backup: [cipher-key]
{{- end }}
{{- end -}}

{{/* The External Secrets Operator's version that the cluster serves, the newer first; empty without it. */}}
{{- define "platform.externalSecretsApi" -}}
{{- if include "platform.has" (list . "external-secrets.io/v1") -}}external-secrets.io/v1
{{- else if include "platform.has" (list . "external-secrets.io/v1beta1") -}}external-secrets.io/v1beta1
{{- end -}}
{{- end -}}
