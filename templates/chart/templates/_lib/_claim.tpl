{{/* Entry of volumeClaimTemplates: (+ claim, storage). It may never change: selector labels only, and one size in every profile with more than one pod. */}}
{{- define "platform.claim" -}}
- metadata:
    name: {{ .claim }}
    labels:
      {{- include "platform.selector" . | nindent 6 }}
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .storage.storageClass | default .root.Values.storageClass }}
    storageClassName: {{ . }}
    {{- end }}
    resources:
      requests:
        storage: {{ .storage.size }}
{{- end -}}
