{{/* A memory quantity in whole MiB. */}}
{{- define "platform.mebibytes" -}}
{{- $quantity := . | toString -}}
{{- $factors := dict "Ti" 1048576.0 "Gi" 1024.0 "Mi" 1.0 "Ki" 0.0009765625 "T" 953674.31640625 "G" 953.67431640625 "M" 0.95367431640625 -}}
{{- $unit := regexFind "[A-Za-z]+$" $quantity -}}
{{- if and $unit (not (hasKey $factors $unit)) -}}
{{- fail (printf "memory quantity %s: use Mi or Gi" $quantity) -}}
{{- end -}}
{{- $factor := ternary (get $factors $unit) 0.00000095367431640625 (ne $unit "") -}}
{{- mulf (trimSuffix $unit $quantity | float64) $factor | floor | int -}}
{{- end -}}

{{/* MiB for shared_buffers: a quarter of the memory that the pod is sure of, its request. */}}
{{- define "platform.sharedBuffers" -}}
{{- div (include "platform.mebibytes" .resources.requests.memory | int) 4 -}}
{{- end -}}

{{/* postgresql.conf: (dict root, values: that of postgres or postgresReplica, primary) */}}
{{- define "platform.postgresqlConf" -}}
{{- $v := .root.Values -}}
{{- $memory := include "platform.mebibytes" .values.resources.requests.memory | int -}}
{{- $settings := dict
  "listen_addresses" "'*'"
  "port" 5432
  "unix_socket_directories" "'/var/run/postgresql'"
  "hba_file" "'/etc/postgresql/pg_hba.conf'"
  "max_connections" 200
  "password_encryption" "scram-sha-256"
  "shared_preload_libraries" "'vector,pg_stat_statements,auto_explain'"
  "auto_explain.log_min_duration" "'5s'"
  "jit" "off"
  "huge_pages" "off"
  "shared_buffers" (printf "%dMB" (div $memory 4))
  "effective_cache_size" (printf "%dMB" (div (mul $memory 3) 4))
  "maintenance_work_mem" (printf "%dMB" (min 2048 (div $memory 8)))
  "work_mem" $v.postgres.workMem
  "wal_buffers" "64MB"
  "random_page_cost" 1.1
  "max_worker_processes" 12
  "max_parallel_workers" 8
  "max_parallel_workers_per_gather" 4
  "max_parallel_maintenance_workers" 4
  "temp_file_limit" "2GB"
  "default_statistics_target" 1000
  "checkpoint_timeout" "15min"
  "checkpoint_completion_target" 0.9
  "wal_level" "replica"
  "max_wal_senders" 5
  "max_replication_slots" 10
  "max_slot_wal_keep_size" "4GB"
  "hot_standby" "on"
  "hot_standby_feedback" "on"
  "log_destination" "stderr"
  "logging_collector" "off"
  "log_line_prefix" "'%m [%p] %q%u@%d '"
  "log_min_duration_statement" 1000
-}}
{{- if .primary -}}
{{- $_ := set $settings "archive_mode" "on" -}}
{{- $_ := set $settings "archive_command" "'postgres-entrypoint pgbackrest-push %p'" -}}
{{- $_ := set $settings "archive_timeout" ($v.backup.archiveTimeoutSeconds | int) -}}
{{- $_ := set $settings "restore_command" "'pgbackrest --stanza=main archive-get %f \"%p\"'" -}}
{{- end -}}
{{- include "platform.overlay" (list $settings $v.postgres.settings) -}}
{{- range $name := keys $settings | sortAlpha }}
{{ $name }} = {{ get $settings $name }}
{{- end }}
{{ end -}}

{{/* Nothing is trusted over TCP; the superuser is the pod's own user on its own socket. */}}
{{- define "platform.pgHba" -}}
local   all          postgres                       peer
local   all          all                            scram-sha-256
host    replication  replicator      all            scram-sha-256
host    all          postgres        all            reject
host    all          all             all            scram-sha-256
{{ end -}}

{{/* Where the repository is; what is secret of it the image adds from the Secrets. */}}
{{- define "platform.pgbackrestRepository" -}}
{{- $repository := .Values.backup.repository -}}
{{- if eq $repository.kind "claim" -}}
repo1-path=/var/lib/pgbackrest
{{- else -}}
repo1-type={{ $repository.kind }}
repo1-path={{ $repository.path }}
{{- /* Of Google Cloud Storage pgBackRest takes the port from the endpoint alone. */}}
{{- if ne $repository.kind "gcs" }}
repo1-storage-port={{ $repository.port }}
{{- end }}
{{- if $repository.privateCa }}
repo1-storage-ca-file=/run/secrets/migrate-platform/backup-repository/ca.pem
{{- end }}
{{- if eq $repository.kind "azure" }}
repo1-azure-container={{ $repository.bucket }}
repo1-azure-uri-style={{ $repository.uriStyle }}
{{- else }}
repo1-{{ $repository.kind }}-bucket={{ $repository.bucket }}
{{- end }}
{{- with $repository.endpoint }}
repo1-{{ $repository.kind }}-endpoint={{ . }}{{ if eq $repository.kind "gcs" }}:{{ $repository.port }}{{ end }}
{{- end }}
{{- if eq $repository.kind "s3" }}
repo1-s3-region={{ $repository.region }}
repo1-s3-uri-style={{ $repository.uriStyle }}
{{- end }}
{{- if eq $repository.kind "gcs" }}
repo1-gcs-key=/run/secrets/migrate-platform/backup-repository/credential
{{- end }}
{{- end }}
{{- end -}}

{{/* What a container that runs pgBackRest mounts of the repository: the volume or the bucket's credentials, and the key. (+ readOnly) */}}
{{- define "platform.repositoryMounts" -}}
{{- $backup := .root.Values.backup -}}
{{- if eq $backup.repository.kind "claim" -}}
- { name: backup, mountPath: /var/lib/pgbackrest{{ if .readOnly }}, readOnly: true{{ end }} }
{{- else -}}
{{ include "platform.secretMount" "bucket" }}
{{- end }}
{{- if ne $backup.encryption "none" }}
{{ include "platform.secretMount" "backup" }}
{{- end }}
{{- end -}}

{{- define "platform.repositoryVolumes" -}}
{{- if eq .Values.backup.repository.kind "claim" -}}
- name: backup
  persistentVolumeClaim: { claimName: backup-postgres-0 }
{{- else -}}
{{ include "platform.secretVolume" (dict "root" . "secret" "bucket" "keys" (include "platform.bucketKeys" . | fromYamlArray)) }}
{{- end }}
{{- if ne .Values.backup.encryption "none" }}
{{ include "platform.secretVolume" (dict "root" . "secret" "backup" "keys" (list "cipher-key")) }}
{{- end }}
{{- end -}}

{{- define "platform.pgbackrestConf" -}}
[global]
{{ include "platform.pgbackrestRepository" . }}
{{- if ne .Values.backup.encryption "none" }}
repo1-cipher-type={{ .Values.backup.encryption }}
{{- end }}
repo1-retention-full-type={{ .Values.backup.retention.type }}
repo1-retention-full={{ .Values.backup.retention.full }}
repo1-bundle=y
repo1-block=y
compress-type=zst
compress-level=3
start-fast=y
process-max=2
archive-async=y
archive-push-queue-max=4GiB
spool-path=/var/spool/pgbackrest
log-path=/var/log/pgbackrest
log-level-console=info
log-level-file=off
lock-path=/tmp/pgbackrest
[main]
pg1-path=/var/lib/postgresql/data/current
pg1-socket-path=/var/run/postgresql
pg1-user=postgres
{{ end -}}

{{/* The files of /etc/postgresql, by key of the ConfigMap. */}}
{{- define "platform.postgresConfigItems" -}}
- { key: postgresql.conf, path: postgresql.conf }
- { key: pg_hba.conf, path: pg_hba.conf }
{{- range $path, $_ := .Files.Glob "files/init.d/*.sql" }}
- { key: {{ base $path }}, path: init.d/{{ base $path }} }
{{- end }}
{{- end -}}

{{- define "platform.postgresPrimaryConf" -}}
{{- include "platform.postgresqlConf" (dict "root" . "values" .Values.postgres "primary" true) -}}
{{- end -}}

{{- define "platform.postgresReplicaConf" -}}
{{- include "platform.postgresqlConf" (dict "root" . "values" .Values.postgresReplica) -}}
{{- end -}}

{{/* Files of init.d run at the first start only: no reason to restart a database. */}}
{{- define "platform.postgresChecksums" -}}
checksum/config: {{ print (include "platform.postgresPrimaryConf" .) (include "platform.pgHba" .) (include "platform.pgbackrestConf" .) | sha256sum }}
{{- end -}}

{{- define "platform.postgresReplicaChecksums" -}}
checksum/config: {{ print (include "platform.postgresReplicaConf" .) (include "platform.pgHba" .) | sha256sum }}
{{- end -}}

{{- define "platform.postgresEnv" -}}
- name: POD_NAME
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
- { name: POSTGRES_DB, value: migration }
{{- include "platform.extraEnv" . }}
{{- end -}}

{{- define "platform.postgresExporter" -}}
{{- $ctx := merge (dict "image" "postgres-exporter" "containerUid" 10005) . -}}
- name: postgres-exporter
  {{- include "platform.container" $ctx | nindent 2 }}
  args:
    - --web.listen-address=:9187
    - --extend.query-path=/etc/postgres-exporter/queries.yaml
  ports:
    - { name: metrics, containerPort: 9187 }
  env:
    - { name: DATA_SOURCE_URI, value: "localhost:5432/migration?sslmode=disable" }
    - { name: DATA_SOURCE_USER, value: monitoring }
    - { name: DATA_SOURCE_PASS_FILE, value: /run/secrets/migrate-platform/postgres-credentials/monitoring-password }
  # It serves from the start, whether or not Postgres does: its metric pg_up tells.
  startupProbe:
    httpGet: { path: /, port: metrics }
    periodSeconds: 2
    failureThreshold: 60
  livenessProbe:
    httpGet: { path: /, port: metrics }
    periodSeconds: 30
    timeoutSeconds: 5
  readinessProbe:
    httpGet: { path: /, port: metrics }
    periodSeconds: 10
    timeoutSeconds: 5
  resources:
    {{- toYaml .root.Values.postgres.exporter.resources | nindent 4 }}
  volumeMounts:
    - { name: tmp-exporter, mountPath: /tmp }
    - { name: exporter-queries, mountPath: /etc/postgres-exporter, readOnly: true }
    - { name: secret-exporter, mountPath: /run/secrets/migrate-platform/postgres-credentials, readOnly: true }
{{- end -}}

{{- define "platform.postgresExporterVolumes" -}}
{{- if .Values.postgres.exporter.enabled -}}
- name: tmp-exporter
  emptyDir: { sizeLimit: 16Mi }
- name: exporter-queries
  configMap: { name: postgres-exporter-queries }
- name: secret-exporter
  secret:
    secretName: {{ .Values.secrets.names.postgres }}
    defaultMode: 0440
    items:
      - { key: monitoring-password, path: monitoring-password }
{{- end -}}
{{- end -}}
