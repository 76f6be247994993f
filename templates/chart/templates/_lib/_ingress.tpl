{{/* nginx, haproxy or other: told by the class unless it is given. */}}
{{- define "platform.ingressController" -}}
{{- $ingress := .Values.ingress -}}
{{- if $ingress.controller -}}
{{- $ingress.controller -}}
{{- else if contains "haproxy" $ingress.className -}}
haproxy
{{- else if or (eq $ingress.className "") (contains "nginx" $ingress.className) -}}
nginx
{{- else -}}
other
{{- end -}}
{{- end -}}

{{/* 50m, as nginx writes a size, in bytes. */}}
{{- define "platform.bytes" -}}
{{- $unit := regexFind "[kmg]$" . -}}
{{- mul (trimSuffix $unit . | int64) (get (dict "k" 1024 "m" 1048576 "g" 1073741824) $unit | default 1) -}}
{{- end -}}

{{/* Redirect to TLS, rate limit, body size, headers and time limits in the controller's own words. TLS 1.2 and newer is these controllers' default. */}}
{{- define "platform.ingressAnnotations" -}}
{{- $ingress := .Values.ingress -}}
{{- $controller := include "platform.ingressController" . -}}
{{- if eq $controller "nginx" -}}
nginx.ingress.kubernetes.io/ssl-redirect: "true"
nginx.ingress.kubernetes.io/force-ssl-redirect: "true"
nginx.ingress.kubernetes.io/proxy-body-size: {{ $ingress.maxBodySize | quote }}
nginx.ingress.kubernetes.io/proxy-read-timeout: "300"
{{- if $ingress.rateLimitPerMinute }}
nginx.ingress.kubernetes.io/limit-rpm: {{ $ingress.rateLimitPerMinute | quote }}
{{- end }}
{{- if and $ingress.nginx.customHeaders $ingress.headers }}
nginx.ingress.kubernetes.io/custom-headers: {{ .Release.Namespace }}/ingress-headers
{{- end }}
{{- else if eq $controller "haproxy" -}}
haproxy.org/ssl-redirect: "true"
haproxy.org/timeout-server: 300s
{{- if ne (include "platform.bytes" $ingress.maxBodySize) "0" }}
haproxy.org/backend-config-snippet: |
  http-request deny deny_status 413 if { req.hdr_val(content-length) gt {{ include "platform.bytes" $ingress.maxBodySize }} }
{{- end }}
{{- with $ingress.headers }}
haproxy.org/response-set-header: |
  {{- range $name, $value := . }}
  {{ $name }} {{ $value | quote }}
  {{- end }}
{{- end }}
{{- if $ingress.rateLimitPerMinute }}
haproxy.org/rate-limit-requests: {{ $ingress.rateLimitPerMinute | quote }}
haproxy.org/rate-limit-period: 1m
{{- end }}
{{- end -}}
{{- end -}}

{{/* "true" when cert-manager is asked for the certificate and is there. */}}
{{- define "platform.certManager" -}}
{{- if and .Values.ingress.enabled (eq .Values.ingress.tls.mode "cert-manager") (include "platform.has" (list . "cert-manager.io/v1")) }}true{{ end -}}
{{- end -}}

{{/* A rule's filters of the Gateway API that set the headers. */}}
{{- define "platform.gatewayFilters" -}}
{{- with .Values.ingress.headers -}}
filters:
  - type: ResponseHeaderModifier
    responseHeaderModifier:
      set:
        {{- range $name, $value := . }}
        - { name: {{ $name }}, value: {{ $value | quote }} }
        {{- end }}
{{- end -}}
{{- end -}}

{{/* The listener that a route attaches to, of the given Gateway or of our own: (list root sectionName) */}}
{{- define "platform.gatewayParent" -}}
{{- $gateway := (index . 0).Values.ingress.gateway -}}
- name: {{ $gateway.name | default "migrate-platform" }}
  {{- with $gateway.namespace }}
  namespace: {{ . }}
  {{- end }}
  {{- with index . 1 }}
  sectionName: {{ . }}
  {{- end }}
{{- end -}}
