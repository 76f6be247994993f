import type { Trouble } from "./root-causes.ts";
import { backend, idle, type Manifest, object, podSpec, withEnv } from "./root-causes-pods.ts";

const quota = (pods: number): Manifest => object("ResourceQuota", "tenant", { spec: { hard: { pods: String(pods) } } });

/** Makes a new pod before the old one goes. */
const surging = { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } };

/** A webhook for the pods of one namespace, behind which nobody is. */
const deadWebhook = (namespace: string): Manifest => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingWebhookConfiguration",
  metadata: { name: namespace },
  webhooks: [
    {
      name: "pods.policy.example",
      failurePolicy: "Fail",
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
      timeoutSeconds: 1,
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
      clientConfig: { service: { namespace, name: "policy", path: "/" } },
    },
  ],
});

/** Trouble of pods that may not be made at all. */
export const refusedTroubles: readonly Trouble[] = [
  {
    title: "a pod that the namespace's pod security level forbids",
    name: "cause-pod-security",
    namespaceLabels: { "pod-security.kubernetes.io/enforce": "restricted" },
    objects: [backend(podSpec(idle))],
    kind: "refused",
    what: /^the namespace's pod security level refuses the pods: violates PodSecurity "restricted.*runAsNonRoot.*seccompProfile/,
    object: /^Deployment\/backend$/,
    fix: /kubectl get namespace cause-pod-security --show-labels$/,
  },
  {
    title: "a quota without room",
    name: "cause-quota",
    objects: [quota(0), backend(podSpec(idle))],
    kind: "refused",
    what: /^the namespace's ResourceQuota leaves no room for the pods: exceeded quota: tenant, requested: pods=1, used: pods=0, limited: pods=0$/,
    object: /^Deployment\/backend$/,
    fix: /kubectl -n cause-quota describe resourcequota$/,
  },
  {
    title: "a quota without room for the new revision while the old one runs",
    name: "cause-quota-change",
    objects: [quota(1), backend(podSpec(idle), surging)],
    change: [backend(podSpec(idle, withEnv({ name: "RELEASE", value: "2" })), surging)],
    kind: "refused",
    what: /^the namespace's ResourceQuota leaves no room for the pods: exceeded quota: tenant, requested: pods=1, used: pods=1, limited: pods=1$/,
    object: /^Deployment\/backend$/,
    fix: /kubectl -n cause-quota-change describe resourcequota$/,
  },
  {
    title: "a limit above the namespace's LimitRange",
    name: "cause-limit-range",
    objects: [
      object("LimitRange", "tenant", { spec: { limits: [{ type: "Container", max: { memory: "64Mi" } }] } }),
      backend(podSpec(idle, { resources: { limits: { memory: "128Mi" } } })),
    ],
    kind: "refused",
    what: /^the namespace's LimitRange refuses the pods: maximum memory usage per Container is 64Mi, but limit is 128Mi$/,
    object: /^Deployment\/backend$/,
    fix: /kubectl -n cause-limit-range describe limitrange$/,
  },
  {
    title: "a ServiceAccount that is not there",
    name: "cause-account",
    objects: [backend(podSpec(idle, {}, { serviceAccountName: "backend" }))],
    kind: "refused",
    what: /^the pods' ServiceAccount does not exist: .*serviceaccount "backend" not found$/,
    object: /^Deployment\/backend$/,
    fix: /migratectl install -n cause-account$/,
  },
  {
    title: "a webhook behind which nobody is",
    name: "cause-webhook",
    objects: [deadWebhook("cause-webhook"), backend(podSpec(idle))],
    kind: "refused",
    what: /^an admission webhook that does not answer keeps the pods from being made: .*failed calling webhook "pods\.policy\.example"/,
    object: /^Deployment\/backend$/,
    fix: /owner of the webhook.*kubectl get validatingwebhookconfigurations/,
  },
];
