{{/* Pod of a backup CronJob: it asks the agent beside the primary and waits for the outcome. (+ type: full|diff|incr) */}}
{{- define "platform.backupPod" -}}
metadata:
  labels:
    {{- include "platform.podLabels" . | nindent 4 }}
  {{- include "platform.podAnnotations" . | nindent 2 }}
spec:
  {{- include "platform.pod" . | nindent 2 }}
  restartPolicy: Never
  containers:
    - name: backup-request
      {{- include "platform.container" . | nindent 6 }}
      args: [backup-request, {{ .type }}]
      env:
        - { name: PRIMARY_HOST, value: postgres }
        - { name: POSTGRES_DB, value: migration }
        - { name: BACKUP_TIMEOUT, value: {{ .root.Values.backup.timeoutSeconds | int | quote }} }
        {{- include "platform.extraEnv" . | trim | nindent 8 }}
      resources:
        {{- toYaml .values.resources | nindent 8 }}
      volumeMounts:
        - { name: tmp, mountPath: /tmp }
        {{- include "platform.secretMount" "postgres" | nindent 8 }}
  volumes:
    - name: tmp
      emptyDir: { sizeLimit: 64Mi }
    {{- include "platform.secretVolume" (dict "root" .root "secret" "postgres" "keys" (list "backup-password")) | nindent 4 }}
{{- end -}}
