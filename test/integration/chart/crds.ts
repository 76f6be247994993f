import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { runInside, type SandboxDocument } from "../../sandbox/index.ts";
import { run } from "../../sandbox/run.ts";

/** Its go.mod pins the releases whose CRDs are used, its go.sum what is in them. */
const pins = join(import.meta.dirname, "crds");

/** Where the CRDs of the chart's optional parts lie in the modules of the projects that they belong to. */
const files = {
  "github.com/kedacore/keda/v2": ["config/crd/bases/keda.sh_scaledobjects.yaml", "config/crd/bases/keda.sh_triggerauthentications.yaml"],
  "github.com/cert-manager/cert-manager": ["deploy/crds/crd-certificates.yaml"],
  "github.com/prometheus-operator/prometheus-operator": [
    "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
    "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
  ],
  "sigs.k8s.io/gateway-api": [
    "config/crd/standard/gateway.networking.k8s.io_gateways.yaml",
    "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",
  ],
  "github.com/external-secrets/external-secrets": ["config/crds/bases/external-secrets.io_externalsecrets.yaml"],
  "istio.io/api": ["kubernetes/customresourcedefinitions.gen.yaml"],
  "github.com/cilium/cilium": ["pkg/k8s/apis/cilium.io/client/crds/v2/ciliumnetworkpolicies.yaml"],
  "github.com/open-policy-agent/gatekeeper/v3": ["charts/gatekeeper/crds/constrainttemplate-customresourcedefinition.yaml"],
  "github.com/openshift/api": ["route/v1/zz_generated.crd-manifests/routes.crd.yaml"],
} as const;

const moduleSchema = z.looseObject({ Path: z.string(), Dir: z.string().optional(), Error: z.string().optional() });

/** Folders of the pinned modules, downloaded where they are not in Go's cache; a content that go.sum does not know is refused. */
async function modules(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const env = { ...process.env, GOFLAGS: "-mod=readonly", GOTOOLCHAIN: "auto" };
  const printed = await run(["go", "mod", "download", "-json"], { cwd: pins, env, signal });
  const found = z.array(moduleSchema).parse(JSON.parse(`[${printed.trim().replaceAll("}\n{", "},\n{")}]`));
  return new Map(
    found.map(({ Path, Dir, Error: why }) => {
      if (Dir === undefined) throw new Error(`${Path} could not be had: ${why ?? "go says nothing"}`);
      return [Path, Dir];
    }),
  );
}

/** cert-manager's file is a template of its chart as far as the labels of the CRD go. */
const withoutTemplates = (text: string): string => text.replaceAll(/'\{\{[^']*\}\}'/g, "none");

/** Installs the CRDs of all optional parts as their projects publish them, and waits until the API server serves them. */
export async function installCrds(sandbox: SandboxDocument, signal: AbortSignal): Promise<void> {
  const folders = await modules(signal);
  const texts = await Promise.all(
    Object.entries(files).flatMap(([path, names]) => {
      const folder = folders.get(path);
      if (folder === undefined) throw new Error(`${path} is not among the pinned modules`);
      return names.map(async (name) => withoutTemplates(await readFile(join(folder, name), "utf8")));
    }),
  );
  await runInside(sandbox, ["kubectl", "apply", "--server-side", "-f", "-"], { input: texts.join("\n---\n"), signal });
  await runInside(sandbox, ["kubectl", "wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"], { signal });
}
