{{/* The repository's volume is mounted on the primary's node, and may be mounted on no other. */}}
{{- define "platform.besidePrimary" -}}
podAffinity:
  requiredDuringSchedulingIgnoredDuringExecution:
    - topologyKey: kubernetes.io/hostname
      labelSelector:
        matchLabels:
          app.kubernetes.io/instance: {{ .Release.Name }}
          app.kubernetes.io/component: postgres
{{- end -}}

{{/* Pod of a restore drill: a database of its own on a volume of its own, from the primary's repository. */}}
{{- define "platform.drillPod" -}}
{{- $v := .root.Values -}}
metadata:
  labels:
    {{- include "platform.podLabels" . | nindent 4 }}
  {{- include "platform.podAnnotations" . | nindent 2 }}
spec:
  {{- include "platform.pod" . | nindent 2 }}
  restartPolicy: Never
  containers:
    - name: postgres
      {{- include "platform.container" . | nindent 6 }}
      args: [drill]
      env:
        {{- include "platform.postgresEnv" . | nindent 8 }}
        - { name: PRIMARY_HOST, value: postgres }
      resources:
        {{- toYaml .values.resources | nindent 8 }}
      volumeMounts:
        - { name: tmp, mountPath: /tmp }
        - { name: data, mountPath: /var/lib/postgresql/data }
        - { name: socket, mountPath: /var/run/postgresql }
        - { name: pgbackrest-log, mountPath: /var/log/pgbackrest }
        - { name: pgbackrest-spool, mountPath: /var/spool/pgbackrest }
        - { name: config, mountPath: /etc/postgresql, readOnly: true }
        - { name: pgbackrest-config, mountPath: /etc/pgbackrest, readOnly: true }
        {{- include "platform.secretMount" "postgres" | nindent 8 }}
        {{- include "platform.repositoryMounts" (dict "root" .root "readOnly" true) | nindent 8 }}
  volumes:
    - name: tmp
      emptyDir: { sizeLimit: 1Gi }
    - name: socket
      emptyDir: { sizeLimit: 16Mi }
    - name: pgbackrest-log
      emptyDir: { sizeLimit: 256Mi }
    - name: pgbackrest-spool
      emptyDir: { sizeLimit: 1Gi }
    - name: pgbackrest-config
      configMap: { name: pgbackrest-config }
    - name: config
      configMap:
        name: postgres-config
        items:
          {{- include "platform.postgresConfigItems" .root | nindent 10 }}
    {{- include "platform.secretVolume" (dict "root" .root "secret" "postgres" "keys" (list "backup-password")) | nindent 4 }}
    {{- include "platform.repositoryVolumes" .root | nindent 4 }}
    - name: data
      ephemeral:
        volumeClaimTemplate:
          spec:
            accessModes: [ReadWriteOnce]
            {{- with $v.backup.drill.storage.storageClass | default $v.postgres.storage.storageClass | default $v.storageClass }}
            storageClassName: {{ . }}
            {{- end }}
            resources:
              requests:
                storage: {{ $v.backup.drill.storage.size | default $v.postgres.storage.size }}
{{- end -}}
