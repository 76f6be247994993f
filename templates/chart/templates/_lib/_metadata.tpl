{{/* The helpers below take a dict: root, name (of the workload), component (its kind), image (key of .Values.images), values (.Values.<component>). */}}

{{/* What selectors match: never changes in the life of a release. */}}
{{- define "platform.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{- define "platform.podLabels" -}}
{{ include "platform.selector" . }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/part-of: migrate-platform
app.kubernetes.io/version: {{ include "platform.imageVersion" . | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- with .root.Values.podLabels }}
{{ toYaml . }}
{{- end }}
{{- with (.values | default dict).podLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* (+ checksums: a dict of annotations) */}}
{{- define "platform.podAnnotations" -}}
{{- $annotations := dict -}}
{{- include "platform.overlay" (list $annotations (.checksums | default dict)) -}}
{{- include "platform.overlay" (list $annotations .root.Values.podAnnotations) -}}
{{- include "platform.overlay" (list $annotations ((.values | default dict).podAnnotations | default dict)) -}}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* metadata of an object: (+ objectName when it differs from name, labels, annotations) */}}
{{- define "platform.metadata" -}}
name: {{ .objectName | default .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "platform.labels" . | nindent 2 }}
{{- include "platform.annotations" . }}
{{- end -}}

{{- define "platform.labels" -}}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version | replace "+" "_" }}
{{ include "platform.selector" . }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/part-of: migrate-platform
app.kubernetes.io/version: {{ include "platform.imageVersion" . | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- with .root.Values.labels }}
{{ toYaml . }}
{{- end }}
{{- with .labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "platform.annotations" -}}
{{- $annotations := dict -}}
{{- include "platform.overlay" (list $annotations .root.Values.annotations) -}}
{{- include "platform.overlay" (list $annotations (.annotations | default dict)) -}}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Tag of the component's image; the chart's appVersion for the platform's own and for objects without one. */}}
{{- define "platform.imageVersion" -}}
{{- $image := get .root.Values.images (.image | default "") | default dict -}}
{{- $image.tag | default .root.Chart.AppVersion | trunc 63 -}}
{{- end -}}

{{/* registry/repository:tag[@digest] of .image */}}
{{- define "platform.image" -}}
{{- $image := get .root.Values.images .image -}}
{{ .root.Values.image.registry | trimSuffix "/" }}/{{ $image.repository }}:{{ $image.tag | default .root.Chart.AppVersion }}{{ with $image.digest }}@{{ . }}{{ end }}
{{- end -}}
