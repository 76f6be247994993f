import { attemptInside, runInside } from "../../sandbox/index.ts";
import { network } from "../../sandbox/layout.ts";
import { until } from "../../sandbox/until.ts";
import { processesOf } from "../outage.ts";
import type { UpgradedPlatform } from "./platform.ts";

/** Takes a fault away again. */
export type Mend = () => Promise<void>;

const name = "campaign-upgrade";

/** Milliseconds until the API server does what it was told to. */
const inForce = { deadlineMs: 30_000, pauseMs: 200 } as const;

async function applied({ site }: UpgradedPlatform, object: Readonly<Record<string, unknown>>): Promise<void> {
  await runInside(site.sandbox, ["kubectl", "apply", "-f", "-"], { input: JSON.stringify(object) });
}

/** True when the API server would refuse the object, with a word that shows who refuses. */
async function refused({ site }: UpgradedPlatform, object: Readonly<Record<string, unknown>>, by: string): Promise<true | undefined> {
  const { code, stderr } = await attemptInside(site.sandbox, ["kubectl", "create", "--dry-run=server", "-f", "-"], {
    input: JSON.stringify(object),
  });
  return code !== 0 && stderr.includes(by) ? true : undefined;
}

/** Admits no pod beyond those that are there. */
export async function refuseByQuota(platform: UpgradedPlatform): Promise<Mend> {
  const { database, namespace } = platform;
  const pods = (await database.kube("get", "pods", "-o", "name")).trim().split("\n").length;
  const spec = { hard: { pods: String(pods) } };
  await applied(platform, { apiVersion: "v1", kind: "ResourceQuota", metadata: { name, namespace }, spec });
  const used = async () =>
    (await database.kube("get", "resourcequota", name, "-o", "jsonpath={.status.used.pods}")) === "" ? undefined : true;
  await until("the quota", used, inForce);
  return async () => {
    await database.kube("delete", "resourcequota", name);
  };
}

/** Denies every workload with that image. */
export async function denyByPolicy(platform: UpgradedPlatform, digest: string): Promise<Mend> {
  const { database, namespace } = platform;
  const version = "admissionregistration.k8s.io/v1";
  await applied(platform, {
    ...{ apiVersion: version, kind: "ValidatingAdmissionPolicy", metadata: { name } },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
        resourceRules: [
          { apiGroups: ["apps"], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["deployments"] },
          { apiGroups: ["batch"], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["jobs"] },
        ],
      },
      validations: [
        {
          expression: `!object.spec.template.spec.containers.exists(c, c.image.contains('${digest}'))`,
          message: "this image has not been approved",
        },
      ],
    },
  });
  const spec = { policyName: name, validationActions: ["Deny"] };
  await applied(platform, { apiVersion: version, kind: "ValidatingAdmissionPolicyBinding", metadata: { name }, spec });
  const job = {
    ...{ apiVersion: "batch/v1", kind: "Job", metadata: { name, namespace } },
    spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "main", image: `any@${digest}` }] } } },
  };
  await until("the policy", () => refused(platform, job, "approved"), inForce);
  return async () => {
    await database.kube("delete", "validatingadmissionpolicybinding", name);
    await database.kube("delete", "validatingadmissionpolicy", name);
  };
}

/** Has pods of the new version judged by a webhook that nobody answers, and that has to answer. */
export async function denyByWebhook(platform: UpgradedPlatform, version: string): Promise<Mend> {
  const { database, namespace } = platform;
  const labels = { "app.kubernetes.io/version": version };
  await applied(platform, {
    ...{ apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingWebhookConfiguration", metadata: { name } },
    webhooks: [
      {
        ...{ name: "pods.client.example", failurePolicy: "Fail", sideEffects: "None", admissionReviewVersions: ["v1"], timeoutSeconds: 2 },
        clientConfig: { url: "https://127.0.0.1:9/judge" },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
        objectSelector: { matchLabels: labels },
      },
    ],
  });
  const security = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
  const pod = {
    ...{ apiVersion: "v1", kind: "Pod", metadata: { name, namespace, labels } },
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [{ name: "main", image: "any", securityContext: security }],
    },
  };
  await until("the webhook", () => refused(platform, pod, "pods.client.example"), inForce);
  return async () => {
    await database.kube("delete", "validatingwebhookconfiguration", name);
  };
}

/** Cordons the node and evicts the platform's pods from it, as far as their budgets allow; gives what lets pods be placed there again. */
export async function drainNode({ site, namespace }: UpgradedPlatform): Promise<Mend> {
  const kubectl = (...args: readonly string[]) => attemptInside(site.sandbox, ["kubectl", ...args]);
  await kubectl("cordon", network.nodeName);
  const { stdout } = await kubectl("-n", namespace, "get", "pods", "-l", "app.kubernetes.io/part-of=migrate-platform", "-o", "name");
  for (const pod of stdout
    .trim()
    .split("\n")
    .map((line) => line.replace("pod/", ""))) {
    const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: pod, namespace } };
    // One that its budget protects stays, as it does when a person drains.
    await attemptInside(site.sandbox, ["kubectl", "create", "--raw", `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`, "-f", "-"], {
      input: JSON.stringify(eviction),
    });
  }
  return async () => {
    const done = async () => ((await kubectl("uncordon", network.nodeName)).code === 0 ? true : undefined);
    await until("the node takes pods again", done, { deadlineMs: 60_000, pauseMs: 500 });
  };
}

/** Ends the API server at once; the sandbox starts it again. */
export async function killApiServer({ site }: UpgradedPlatform): Promise<Mend> {
  for (const pid of processesOf(site.sandbox, "kube-apiserver")) process.kill(pid, "SIGKILL");
  return async () => undefined;
}
