{{/* Entry of volumeClaimTemplates: (+ claim, storage). It may never change, so it carries selector labels only. */}}
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
