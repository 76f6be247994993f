{{/* What every component made from the backend's image has in common. */}}

{{/* The database as the application's role: (+ dbHost) */}}
{{- define "platform.databaseEnv" -}}
- name: POD_NAME
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
- { name: LOG_LEVEL, value: {{ .root.Values.logLevel }} }
- { name: DB_HOST, value: {{ .dbHost }} }
- { name: DB_PORT, value: "5432" }
- { name: DB_NAME, value: migration }
- { name: DB_USER, value: migration_app }
- { name: DB_PASSWORD_FILE, value: /run/secrets/migrate-platform/postgres-credentials/app-password }
{{- end -}}

{{/* All that serves, works and keeps state is told: (+ dbHost) */}}
{{- define "platform.backendEnv" -}}
{{- $v := .root.Values -}}
{{ include "platform.databaseEnv" . }}
- { name: DB_READ_HOST, value: {{ ternary "postgres-read" "" (gt (int $v.postgresReplica.replicas) 0) | quote }} }
- { name: SECRET_KEY_FILE, value: /run/secrets/migrate-platform/app-secrets/secret-key }
- { name: JWT_SECRET_FILE, value: /run/secrets/migrate-platform/app-secrets/jwt-secret }
{{ include "platform.redisEnv" .root }}
- { name: REDIS_HOST, value: redis }
- { name: REDIS_PORT, value: "6379" }
- { name: REDIS_PASSWORD_FILE, value: /run/secrets/migrate-platform/redis-credentials/redis-password }
- { name: QUEUE_KEY, value: {{ $v.worker.queueKey }} }
- { name: STATE_MANAGER_URL, value: "http://state-manager:8001" }
- { name: MCP_CAPABILITIES_FILE, value: /etc/migrate-platform/mcp/capabilities.json }
- { name: TENANTS_DIR, value: /etc/migrate-platform/tenants }
{{- with $v.llm.baseUrl }}
- { name: LLM_BASE_URL, value: {{ . | quote }} }
- { name: LLM_API_KEY_FILE, value: /run/secrets/migrate-platform/llm-credentials/api-key }
{{- end }}
{{- end -}}

{{/* The queues of a worker. */}}
{{- define "platform.workerEnv" -}}
- { name: WORKER_QUEUES, value: "{{ join "," .Values.worker.queues }}" }
- { name: WORKER_CONCURRENCY, value: {{ .Values.worker.concurrency | quote }} }
{{- end -}}

{{- define "platform.backendMounts" -}}
- { name: tmp, mountPath: /tmp }
- { name: workspace, mountPath: /workspace }
- { name: cache, mountPath: /cache }
- { name: mcp-capabilities, mountPath: /etc/migrate-platform/mcp, readOnly: true }
- { name: tenants, mountPath: /etc/migrate-platform/tenants, readOnly: true }
{{ include "platform.secretMount" "postgres" }}
{{ include "platform.secretMount" "redis" }}
{{ include "platform.secretMount" "app" }}
{{- if .Values.llm.baseUrl }}
{{ include "platform.secretMount" "llm" }}
{{- end }}
{{- end -}}

{{- define "platform.backendVolumes" -}}
- name: tmp
  emptyDir: { sizeLimit: 256Mi }
- name: workspace
  emptyDir: { sizeLimit: 1Gi }
- name: cache
  emptyDir: { sizeLimit: 500Mi }
- name: mcp-capabilities
  configMap: { name: mcp-capabilities }
- name: tenants
  configMap: { name: tenants }
{{ include "platform.secretVolume" (dict "root" . "secret" "postgres" "keys" (list "app-password")) }}
{{ include "platform.secretVolume" (dict "root" . "secret" "redis" "keys" (list "redis-password")) }}
{{ include "platform.secretVolume" (dict "root" . "secret" "app" "keys" (list "secret-key" "jwt-secret")) }}
{{- if .Values.llm.baseUrl }}
{{ include "platform.secretVolume" (dict "root" . "secret" "llm" "keys" (list "api-key") "optional" true) }}
{{- end }}
{{- end -}}

{{- define "platform.backendChecksums" -}}
checksum/mcp-capabilities: {{ include "platform.mcpCapabilities" . | sha256sum }}
checksum/tenants: {{ include "platform.tenants" . | sha256sum }}
{{- end -}}

{{/* Probes of a component whose only endpoint is /health: the port's name. */}}
{{- define "platform.healthProbes" -}}
startupProbe:
  httpGet: { path: /health, port: {{ . }} }
  periodSeconds: 2
  failureThreshold: 90
livenessProbe:
  httpGet: { path: /health, port: {{ . }} }
  periodSeconds: 15
  timeoutSeconds: 5
  failureThreshold: 4
readinessProbe:
  httpGet: { path: /health, port: {{ . }} }
  periodSeconds: 5
  timeoutSeconds: 3
{{- end -}}
