{{- define "platform.retentionPod" -}}
metadata:
  labels:
    {{- include "platform.podLabels" . | nindent 4 }}
  {{- include "platform.podAnnotations" . | nindent 2 }}
spec:
  {{- include "platform.pod" . | nindent 2 }}
  restartPolicy: Never
  containers:
    - name: retention
      {{- include "platform.container" . | nindent 6 }}
      command: [python3, -m, app.retention]
      env:
        {{- include "platform.databaseEnv" . | nindent 8 }}
        - { name: RETENTION_FILE, value: /etc/migrate-platform/retention.json }
        {{- include "platform.extraEnv" . | trim | nindent 8 }}
      resources:
        {{- toYaml .values.resources | nindent 8 }}
      volumeMounts:
        - { name: tmp, mountPath: /tmp }
        {{- include "platform.secretMount" "postgres" | nindent 8 }}
        - { name: policy, mountPath: /etc/migrate-platform/retention.json, subPath: retention.json, readOnly: true }
  volumes:
    - name: tmp
      emptyDir: { sizeLimit: 256Mi }
    {{- include "platform.secretVolume" (dict "root" .root "secret" "postgres" "keys" (list "app-password")) | nindent 4 }}
    - name: policy
      configMap: { name: retention-policy }
{{- end -}}

{{/* What all CronJobs share. */}}
{{- define "platform.cron" -}}
{{- if semverCompare ">=1.27.0-0" .Capabilities.KubeVersion.Version }}
timeZone: {{ .Values.backup.schedule.timeZone }}
{{- end }}
concurrencyPolicy: Forbid
startingDeadlineSeconds: 3600
successfulJobsHistoryLimit: 3
failedJobsHistoryLimit: 3
{{- end -}}
