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

{{/* Redirect to TLS, rate limit, body size and time limits in the controller's own words. TLS 1.2 and newer is these controllers' default. */}}
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
{{- else if eq $controller "haproxy" -}}
haproxy.org/ssl-redirect: "true"
haproxy.org/timeout-server: 300s
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
