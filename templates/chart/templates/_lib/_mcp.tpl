{{/* (list root server): the server's own settings over those of mcp, and what the helpers of a workload want. */}}
{{- define "platform.mcpContext" -}}
{{- $root := index . 0 -}}
{{- $server := index . 1 -}}
{{- $values := omit $root.Values.mcp "servers" | deepCopy -}}
{{- include "platform.overlay" (list $values $server) -}}
{{- $name := printf "mcp-%s" $server.name -}}
{{- dict "name" $name "component" "mcp-server" "image" ($server.image | default $name) "values" $values "uid" 10001 "priority" "high" "spread" true | toYaml -}}
{{- end -}}
