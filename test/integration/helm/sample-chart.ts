import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const files = {
  "Chart.yaml": "apiVersion: v2\nname: sample\nversion: 1.2.3\nappVersion: 4.5.6\n",
  "values.yaml": 'text: ""\nreplicas: 1\nhook: false\nfail: false\nbudget: false\n',
  "values.schema.json": JSON.stringify({ type: "object", properties: { replicas: { type: "integer" } } }),
  "templates/settings.yaml":
    "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata:\n  text: {{ .Values.text | quote }}\n  version: {{ .Capabilities.KubeVersion.Version | quote }}\n",
  "templates/web.yaml":
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  replicas: {{ .Values.replicas }}\n  selector: { matchLabels: { app: web } }\n  template:\n    metadata: { labels: { app: web } }\n    spec: { containers: [{ name: web, image: registry.example/web:1 }] }\n",
  "templates/budget.yaml":
    "{{- if .Values.budget }}\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: { name: web }\nspec: { minAvailable: 1, selector: { matchLabels: { app: web } } }\n{{- end }}\n",
  "templates/optional.yaml":
    '{{- if .Capabilities.APIVersions.Has "keda.sh/v1alpha1" }}\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: optional }\n{{- end }}\n',
  // A hook that nothing ever runs (there is no kubelet): helm waits for it until it is stopped.
  "templates/hook.yaml":
    '{{- if .Values.hook }}\napiVersion: batch/v1\nkind: Job\nmetadata:\n  name: before\n  annotations: { "helm.sh/hook": "pre-install,pre-upgrade" }\nspec:\n  template: { spec: { restartPolicy: Never, containers: [{ name: x, image: registry.example/x:1 }] } }\n{{- end }}\n',
  "templates/fail.yaml": '{{- if .Values.fail }}{{ fail "the chart says no" }}{{- end }}\n',
};

/** Writes a small chart that shows what helm was given, and gives its folder. */
export async function sampleChart(parent: string): Promise<string> {
  const folder = join(parent, "sample");
  await mkdir(join(folder, "templates"), { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}
