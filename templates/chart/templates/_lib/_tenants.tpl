{{/* data of the ConfigMap tenants: <id>.json each; default is the platform's own branding and features unless it is declared. */}}
{{- define "platform.tenants" -}}
{{- $default := dict "id" "default" "displayName" "Default" "branding" .Values.branding "features" .Values.features -}}
{{- $tenants := dict "default" $default -}}
{{- range .Values.tenants -}}
{{- $_ := set $tenants .id . -}}
{{- end -}}
{{- range $id := keys $tenants | sortAlpha }}
{{ $id }}.json: {{ get $tenants $id | toJson | quote }}
{{- end }}
{{- end -}}

{{/* capabilities.json: which MCP servers there are and what they can do. */}}
{{- define "platform.mcpCapabilities" -}}
{{- $servers := list -}}
{{- range .Values.mcp.servers -}}
{{- $servers = append $servers (dict "name" .name "url" (printf "http://mcp-%s:8080" .name) "tools" .tools) -}}
{{- end -}}
{{- dict "servers" $servers | toJson -}}
{{- end -}}
