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
