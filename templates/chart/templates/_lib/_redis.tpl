{{/* "sentinel" with three pods, "single" with one. */}}
{{- define "platform.redisMode" -}}
{{- ternary "sentinel" "single" (eq (int .Values.redis.replicas) 3) -}}
{{- end -}}

{{/* Without the cluster's domain, which a chart cannot know: the resolver's search list ends with it. */}}
{{- define "platform.redisHeadless" -}}
redis-headless.{{ .Release.Namespace }}.svc
{{- end -}}

{{- define "platform.redisSentinels" -}}
{{- $hosts := list -}}
{{- range $ordinal := until (int .Values.redis.replicas) -}}
{{- $hosts = append $hosts (printf "redis-%d.%s:26379" $ordinal (include "platform.redisHeadless" $)) -}}
{{- end -}}
{{- join "," $hosts -}}
{{- end -}}

{{/* The env that both clients and servers read. */}}
{{- define "platform.redisEnv" -}}
- { name: REDIS_MODE, value: {{ include "platform.redisMode" . }} }
{{- if eq (include "platform.redisMode" .) "sentinel" }}
- { name: REDIS_SENTINELS, value: "{{ include "platform.redisSentinels" . }}" }
- { name: REDIS_MASTER, value: {{ .Values.redis.sentinel.master }} }
{{- end }}
{{- end -}}

{{/* Whether Redis is taken into the database, and backed up with it; empty when it is not. */}}
{{- define "platform.keepsRedis" -}}
{{- if and .Values.backup.enabled .Values.backup.redis.enabled -}}true{{- end -}}
{{- end -}}

{{/* What the agent is told of the Redis that it keeps. */}}
{{- define "platform.redisBackupEnv" -}}
{{- if include "platform.keepsRedis" . -}}
{{ include "platform.redisEnv" . }}
- { name: REDIS_HOST, value: redis }
- { name: REDIS_BACKUP_INTERVAL_MINUTES, value: {{ .Values.backup.redis.intervalMinutes | int | quote }} }
- { name: REDIS_BACKUP_MAX_MEGABYTES, value: {{ .Values.backup.redis.maxMegabytes | int | quote }} }
{{- end -}}
{{- end -}}

{{/* KEDA asks from its own namespace: full names. */}}
{{- define "platform.kedaRedisTrigger" -}}
{{- ternary "redis-sentinel" "redis" (eq (include "platform.redisMode" .) "sentinel") -}}
{{- end -}}

{{- define "platform.kedaRedisAddress" -}}
{{- if eq (include "platform.redisMode" .) "sentinel" -}}
addresses: "{{ include "platform.redisSentinels" . }}"
sentinelMaster: {{ .Values.redis.sentinel.master }}
{{- else -}}
address: redis.{{ .Release.Namespace }}.svc:6379
{{- end -}}
{{- end -}}

{{/* Name of the Redis list of a queue, as the backend's image makes it: (list root queue) */}}
{{- define "platform.queueList" -}}
{{- $key := (index . 0).Values.worker.queueKey -}}
{{- $queue := index . 1 -}}
{{- ternary $key (printf "%s:%s" $key $queue) (eq $queue "default") -}}
{{- end -}}

{{- define "platform.redisConfig" -}}
bind * -::*
port 6379
protected-mode no
appendonly yes
appendfsync everysec
save 900 1 300 100 60 10000
# Redis holds the job queue: refuse writes rather than forget.
maxmemory-policy noeviction
maxmemory {{ div (mul 7 (include "platform.mebibytes" .Values.redis.resources.limits.memory | int)) 10 }}mb
tcp-keepalive 60
repl-diskless-sync yes
{{ end -}}

{{- define "platform.sentinelConfig" -}}
port 26379
protected-mode no
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
{{ end -}}
