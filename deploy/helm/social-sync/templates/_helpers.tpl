{{/* Names of an installation: its own, and of one of its programs. */}}
{{- define "social-sync.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "social-sync.labels" -}}
app.kubernetes.io/name: social-sync
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{/* What tells the pods of one program: (list . "worker") */}}
{{- define "social-sync.selector" -}}
app.kubernetes.io/name: social-sync
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* Settings of one program: (list . "worker" (list "worker" "flow")) */}}
{{- define "social-sync.environment" -}}
{{- $root := index . 0 -}}
{{- $secrets := $root.Files.Get "secrets.yaml" | fromYaml -}}
{{- $settings := merge (dict "HEALTH_PORT" "8081") $root.Values.settings -}}
{{- if eq (index . 1) "api" -}}
{{- $settings = merge (dict "PORT" "8080" "DRIVER" $root.Values.variant) $settings -}}
{{- end -}}
{{- range $name, $value := $settings }}
- name: {{ $name }}
  value: {{ if kindIs "float64" $value }}{{ $value | int64 | quote }}{{ else }}{{ $value | toString | quote }}{{ end }}
{{- end }}
{{- range $group := index . 2 }}
{{- range $name := index $secrets $group }}
{{- if not (hasKey $settings $name) }}
- name: {{ $name }}
  valueFrom: { secretKeyRef: { name: {{ $root.Values.secret }}, key: {{ $name }}, optional: true } }
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* What all pods of our image have in common: (list . "worker" (list "worker" "flow") "flow-worker" resources) */}}
{{- define "social-sync.container" -}}
{{- $root := index . 0 -}}
name: {{ index . 1 }}
image: "{{ $root.Values.image.repository }}:{{ $root.Values.image.tag | default $root.Chart.AppVersion }}"
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
args: [{{ index . 3 }}]
env:
{{- include "social-sync.environment" (list $root (index . 1) (index . 2)) | nindent 2 }}
securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }
resources: {{- index . 4 | toYaml | nindent 2 }}
# Where a token that was renewed lies until the database takes it.
volumeMounts: [{ name: tmp, mountPath: /tmp }]
{{- end -}}

{{/* Lives while its loop turns; is ready while it takes work. The first look at the database may wait for a migration. */}}
{{- define "social-sync.probes" -}}
startupProbe: { httpGet: { path: /ready, port: health }, periodSeconds: 2, failureThreshold: 150 }
readinessProbe: { httpGet: { path: /ready, port: health }, periodSeconds: 5 }
livenessProbe: { httpGet: { path: /live, port: health }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }
{{- end -}}

{{- define "social-sync.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
# A worker releases its claims within 25 seconds of SIGTERM.
terminationGracePeriodSeconds: 40
securityContext: { runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, seccompProfile: { type: RuntimeDefault } }
volumes: [{ name: tmp, emptyDir: {} }]
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Pods of a program stand on different machines where there are some: (list . "api") */}}
{{- define "social-sync.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "social-sync.selector" . | nindent 8 }}
{{- end -}}
