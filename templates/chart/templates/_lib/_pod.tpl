{{/* Start of every pod's spec: (+ uid, priority: high|background, spread: false for Jobs) */}}
{{- define "platform.pod" -}}
{{- $v := .root.Values -}}
serviceAccountName: {{ .serviceAccount | default .name }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  {{- if not $v.openshift.enabled }}
  runAsUser: {{ .uid }}
  runAsGroup: {{ .uid }}
  fsGroup: {{ .uid }}
  fsGroupChangePolicy: {{ $v.podSecurity.fsGroupChangePolicy }}
  {{- end }}
  seccompProfile:
    {{- toYaml $v.podSecurity.seccompProfile | nindent 4 }}
{{- with $v.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "platform.priority" . }}
priorityClassName: {{ . }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .spread }}
topologySpreadConstraints:
  {{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "platform.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "platform.priority" -}}
{{- $classes := .root.Values.priorityClasses -}}
{{- if .values.priorityClassName -}}
{{- .values.priorityClassName -}}
{{- else if or $classes.use (and $classes.create (eq .root.Values.scope "cluster")) -}}
{{- get $classes .priority -}}
{{- end -}}
{{- end -}}

{{/* securityContext of a container: (+ containerUid where it differs from the pod's) */}}
{{- define "platform.containerSecurity" -}}
runAsNonRoot: true
{{- if and .containerUid (not .root.Values.openshift.enabled) }}
runAsUser: {{ .containerUid }}
runAsGroup: {{ .containerUid }}
{{- end }}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Start of every container after its name. */}}
{{- define "platform.container" -}}
image: {{ include "platform.image" . }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  {{- include "platform.containerSecurity" . | nindent 2 }}
{{- end -}}

{{/* Lets the endpoints forget the pod before its process is told to end. */}}
{{- define "platform.drain" -}}
preStop:
  exec:
    command: [sleep, "5"]
{{- end -}}

{{/* A volume that holds the named keys of a Secret: (dict root, secret: key of secrets.names, keys, optional) */}}
{{- define "platform.secretVolume" -}}
- name: secret-{{ .secret }}
  secret:
    secretName: {{ get .root.Values.secrets.names .secret }}
    defaultMode: 0440
    {{- if .optional }}
    optional: true
    {{- end }}
    items:
      {{- range .keys }}
      - { key: {{ . }}, path: {{ . }} }
      {{- end }}
{{- end -}}

{{/* Where the images look for it, whatever the Secret is called. */}}
{{- define "platform.secretMount" -}}
{{- $paths := dict "postgres" "postgres-credentials" "redis" "redis-credentials" "app" "app-secrets" "llm" "llm-credentials" "backup" "backup-encryption" -}}
- name: secret-{{ . }}
  mountPath: /run/secrets/migrate-platform/{{ get $paths . }}
  readOnly: true
{{- end -}}

{{/* env entries of values.env */}}
{{- define "platform.extraEnv" -}}
{{- with .values.env }}
{{ toYaml . }}
{{- end }}
{{- end -}}
