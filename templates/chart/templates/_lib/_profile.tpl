{{/* Puts .Values over the profile's figures, in place, so that every template reads plain .Values. Each template begins with it; once done it does nothing more. */}}
{{- define "platform.values" -}}
{{- if not (hasKey .Values "profileApplied") -}}
{{- $profile := .Files.Get (printf "profiles/%s.yaml" .Values.profile) | fromYaml -}}
{{- include "platform.overlay" (list $profile .Values) -}}
{{- range $key, $value := $profile -}}
{{- $_ := set $.Values $key $value -}}
{{- end -}}
{{- $_ := set .Values "profileApplied" true -}}
{{- include "platform.validate" . -}}
{{- end -}}
{{- end -}}

{{/* (list base over): writes over into base, key by key; unlike mergeOverwrite it keeps false, 0 and "". */}}
{{- define "platform.overlay" -}}
{{- $base := index . 0 -}}
{{- range $key, $value := index . 1 -}}
{{- if and (kindIs "map" $value) (kindIs "map" (get $base $key)) -}}
{{- include "platform.overlay" (list (get $base $key) $value) -}}
{{- else if not (kindIs "invalid" $value) -}}
{{- $_ := set $base $key $value -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What values.schema.json cannot say. */}}
{{- define "platform.validate" -}}
{{- $v := .Values -}}
{{- if not $v.image.registry -}}
{{- fail "image.registry is empty: give the registry that holds the platform's images, for example --set image.registry=registry.client.example:5000/migrate-platform" -}}
{{- end -}}
{{- if and (eq $v.ingress.tls.mode "cert-manager") (not $v.ingress.tls.issuer.name) -}}
{{- fail "ingress.tls.mode is cert-manager: give ingress.tls.issuer.name, the Issuer or ClusterIssuer to ask" -}}
{{- end -}}
{{- if and (eq $v.secrets.mode "external") (not $v.secrets.external.storeName) -}}
{{- fail "secrets.mode is external: give secrets.external.storeName, the SecretStore to read from" -}}
{{- end -}}
{{- $connections := mul (add1 $v.pgbouncer.replicas) (add $v.pgbouncer.defaultPoolSize $v.pgbouncer.reservePoolSize) | int -}}
{{- if gt $connections 190 -}}
{{- fail (printf "pgbouncer could open %d connections (replicas and one more while rolling, times defaultPoolSize + reservePoolSize), Postgres takes 200 of which 10 stay free: lower pgbouncer.replicas or pgbouncer.defaultPoolSize" $connections) -}}
{{- end -}}
{{- range $v.mcp.servers -}}
{{- $image := .image | default (printf "mcp-%s" .name) -}}
{{- if not (hasKey $v.images $image) -}}
{{- fail (printf "mcp.servers: %s wants image %s, which images has no entry for" .name $image) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* "true" when the cluster serves the API: (list root "group/version"). */}}
{{- define "platform.has" -}}
{{- if (index . 0).Capabilities.APIVersions.Has (index . 1) }}true{{ end -}}
{{- end -}}
