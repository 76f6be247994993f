import { z } from "zod";
import { secretReferenceSchema } from "./secret-reference.ts";

/** Version of the answers format this migratectl writes. */
export const answersVersion = "migratectl/v1";

/** RFC 1123 label, what Kubernetes demands of a namespace and Helm of a release name (shortened to leave room for suffixes). */
const label = (longest: number) =>
  z
    .string()
    .max(longest, `at most ${longest} characters`)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, "lower-case letters, digits and hyphens, starting and ending with a letter or digit");

const hostname = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, "a DNS name in lower case");

const quantity = z.string().regex(/^[1-9][0-9]*(Mi|Gi|Ti)$/, "a size such as 200Gi");

/** Sizing profiles; `trial` is for evaluation only and every report says so. */
export const profileSchema = z.enum(["trial", "small", "standard", "large"]);

/** Name of a sizing profile. */
export type Profile = z.infer<typeof profileSchema>;

const registrySchema = z.strictObject({
  /** `HOST[:PORT][/PREFIX]`: where the client's nodes pull from and where push goes. */
  host: z.string().min(1),
  username: z.string().min(1).optional(),
  password: secretReferenceSchema.optional(),
  /** PEM file with the registry's private CA, on the jump host. */
  caFile: z.string().min(1).optional(),
  plainHttp: z.boolean().default(false),
  /** Name of an existing pull secret; absent: one is made from username and password. */
  pullSecret: label(253).optional(),
});

const tlsSchema = z.discriminatedUnion("mode", [
  z.strictObject({ mode: z.literal("self-signed") }),
  z.strictObject({ mode: z.literal("files"), certFile: z.string().min(1), keyFile: z.string().min(1) }),
  z.strictObject({ mode: z.literal("secret"), secretName: label(253) }),
  z.strictObject({ mode: z.literal("cert-manager"), issuer: z.string().min(1), issuerKind: z.enum(["Issuer", "ClusterIssuer"]).default("ClusterIssuer") }),
]);

const ingressSchema = z.strictObject({
  enabled: z.boolean().default(true),
  kind: z.enum(["ingress", "gateway", "route"]).default("ingress"),
  className: z.string().min(1).optional(),
  host: hostname.optional(),
  tls: tlsSchema.default({ mode: "self-signed" }),
  /** Namespace in which the ingress controller runs; NetworkPolicies admit it. */
  controllerNamespace: label(63).default("ingress-nginx"),
});

const storageSchema = z.strictObject({
  /** StorageClass of every claim; absent: the cluster's default one. */
  className: z.string().min(1).optional(),
  postgres: quantity.default("200Gi"),
  backup: quantity.default("200Gi"),
  redis: quantity.default("10Gi"),
});

const llmSchema = z.strictObject({
  /** Base URL of the LLM provider; absent: none, and no egress is opened. */
  baseUrl: z.url().optional(),
  apiKey: secretReferenceSchema.optional(),
  /** CIDRs that NetworkPolicies open for it (policies know no host names). */
  egressCidrs: z.array(z.string()).default([]),
});

/** What the optional parts may be; `auto` turns a part on when the cluster has its API. */
const toggle = z.enum(["auto", "on", "off"]);

const featuresSchema = z.strictObject({
  networkPolicies: z.boolean().default(true),
  keda: toggle.default("off"),
  serviceMonitor: toggle.default("off"),
  agentPool: z.boolean().optional(),
});

const backupSchema = z.strictObject({
  /** Cron expressions in the cluster's time zone (UTC unless the controller manager says otherwise). */
  full: z.string().default("0 2 * * 0"),
  incremental: z.string().default("0 2 * * 1-6"),
  retentionFull: z.int().min(1).default(4),
});

/**
 * Everything a person decided, versioned; the only input of a human to the plan.
 * Unknown keys are refused (see readAnswers for "did you mean"); secrets are references only.
 */
export const answersSchema = z.strictObject({
  version: z.literal(answersVersion),
  release: z
    .strictObject({ name: label(40).default("migrate-platform"), namespace: label(63).default("migrate-platform"), createNamespace: z.boolean().default(true) })
    .prefault({}),
  profile: profileSchema.default("small"),
  /** `namespace`: nothing cluster-scoped is created, for admins without cluster rights. */
  scope: z.enum(["cluster", "namespace"]).default("namespace"),
  registry: registrySchema,
  storage: storageSchema.prefault({}),
  ingress: ingressSchema.prefault({}),
  postgres: z.strictObject({ replicas: z.int().min(0).max(2).optional() }).prefault({}),
  redis: z.strictObject({ sentinel: z.boolean().optional() }).prefault({}),
  llm: llmSchema.prefault({}),
  features: featuresSchema.prefault({}),
  backup: backupSchema.prefault({}),
  /** Extra chart values merged last; for what no question covers. */
  values: z.record(z.string(), z.unknown()).default({}),
});

/** The complete answers of one installation, defaults filled in. */
export type Answers = Readonly<z.infer<typeof answersSchema>>;

/** Answers as a person may write them: what has a default may be missing. */
export type AnswersInput = z.input<typeof answersSchema>;
