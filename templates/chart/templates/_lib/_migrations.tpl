{{/* Pod of the migrations Job; the Job's name carries its hash, because a Job's template cannot be changed. */}}
{{- define "platform.migrationsPod" -}}
metadata:
  labels:
    {{- include "platform.podLabels" . | nindent 4 }}
  {{- include "platform.podAnnotations" . | nindent 2 }}
spec:
  {{- include "platform.pod" . | nindent 2 }}
  restartPolicy: Never
  containers:
    - name: migrations
      {{- include "platform.container" . | nindent 6 }}
      command: [python3, -m, app.migrate]
      {{- with .values.to }}
      args: [--to, {{ . | quote }}]
      {{- end }}
      env:
        {{- include "platform.databaseEnv" . | nindent 8 }}
        # Whoever waits for a lock makes everybody who comes after wait, too: it gives up soon, and the Job tries again. The server notices
        # that the Job is gone, instead of going on with its statement.
        - name: PGOPTIONS
          value: -c lock_timeout={{ .values.lockTimeoutSeconds }}s -c client_connection_check_interval=10s
        {{- include "platform.extraEnv" . | trim | nindent 8 }}
      resources:
        {{- toYaml .values.resources | nindent 8 }}
      volumeMounts:
        - { name: tmp, mountPath: /tmp }
        {{- include "platform.secretMount" "postgres" | nindent 8 }}
  volumes:
    - name: tmp
      emptyDir: { sizeLimit: 256Mi }
    {{- include "platform.secretVolume" (dict "root" .root "secret" "postgres" "keys" (list "app-password")) | nindent 4 }}
{{- end -}}
