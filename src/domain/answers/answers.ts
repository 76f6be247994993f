import { z } from "zod";
import { labelSchema, subdomainSchema } from "./names.ts";
import { registryHostSchema } from "./registry-host.ts";
import { scheduleSchema } from "./schedule.ts";
import { secretReferenceSchema } from "./secret-reference.ts";
import { timeZoneSchema } from "./time-zone.ts";

/** Version of the answers format this migratectl writes. */
export const answersVersion = "migratectl/v2";

const quantity = z.string().regex(/^[1-9][0-9]*(Mi|Gi|Ti)$/, "must be a size such as 200Gi");

/** `v1.34.4` or `1.34`, as `helm template --kube-version` takes it. */
const kubeVersionSchema = z
  .string()
  .regex(/^v?1\.[0-9]{1,3}(\.[0-9]+)?([+-][0-9A-Za-z.+-]+)?$/, "must be a Kubernetes version such as 1.34.4");

/** Sizing profiles; `trial` is for evaluation only and every report says so. */
export const profileSchema = z.enum(["trial", "small", "standard", "large"]);

/** Name of a sizing profile. */
export type Profile = z.infer<typeof profileSchema>;

/** The registry of the answers. */
export const registrySchema = z.strictObject({
  /** `HOST[:PORT][/PREFIX]`: where the client's nodes pull from and where push goes. */
  host: registryHostSchema,
  username: z.string().min(1).optional(),
  password: secretReferenceSchema.optional(),
  /** PEM file with the registry's private CA, on the jump host. */
  caFile: z.string().min(1).optional(),
  plainHttp: z.boolean().default(false),
  /** Name of an existing pull secret; absent: one is made from username and password. */
  pullSecret: subdomainSchema.optional(),
});

const tlsSchema = z.discriminatedUnion("mode", [
  z.strictObject({ mode: z.literal("self-signed") }),
  z.strictObject({ mode: z.literal("files"), certFile: z.string().min(1), keyFile: z.string().min(1) }),
  z.strictObject({ mode: z.literal("secret"), secretName: subdomainSchema }),
  z.strictObject({
    mode: z.literal("cert-manager"),
    issuer: subdomainSchema,
    issuerKind: z.enum(["Issuer", "ClusterIssuer"]).default("ClusterIssuer"),
  }),
]);

const ingressSchema = z.strictObject({
  enabled: z.boolean().default(true),
  kind: z.enum(["ingress", "gateway", "route"]).default("ingress"),
  className: subdomainSchema.optional(),
  host: subdomainSchema.optional(),
  tls: tlsSchema.default({ mode: "self-signed" }),
  /** Namespace in which the ingress controller runs; NetworkPolicies admit it. */
  controllerNamespace: labelSchema().default("ingress-nginx"),
});

const storageSchema = z.strictObject({
  /** StorageClass of every claim; absent: the cluster's default one. */
  className: subdomainSchema.optional(),
  /** Absent: as the profile says (claimSizes). */
  postgres: quantity.optional(),
  redis: quantity.optional(),
});

const llmSchema = z.strictObject({
  /** Base URL of the LLM provider; absent: none, and no egress is opened. */
  baseUrl: z.url({ protocol: /^https?$/, error: "must be a URL such as https://llm.example/v1" }).optional(),
  apiKey: secretReferenceSchema.optional(),
  /** CIDRs that NetworkPolicies open for it (policies know no host names). */
  egressCidrs: z.array(z.union([z.cidrv4(), z.cidrv6()], { error: "must be an address range such as 203.0.113.0/24" })).default([]),
});

/** What the optional parts may be; `auto` turns a part on when the cluster has its API. */
const toggle = z.enum(["auto", "on", "off"]);

const featuresSchema = z.strictObject({
  networkPolicies: z.boolean().default(true),
  keda: toggle.default("off"),
  serviceMonitor: toggle.default("off"),
  agentPool: z.boolean().optional(),
});

const encryptionSchema = z.enum(["aes-256-cbc", "none"]);

/** How the repository of the backups is encrypted. */
export type BackupEncryption = z.infer<typeof encryptionSchema>;

const backupRepositorySchema = z.strictObject({
  /** A volume of the cluster (NFS where its class is), or a bucket outside. */
  kind: z.enum(["claim", "s3", "azure", "gcs"]).default("claim"),
  /** StorageClass of the claim; absent: that of every claim. */
  storageClass: subdomainSchema.optional(),
  /** Size of the claim; absent: as the profile says (claimSizes). */
  size: quantity.optional(),
  /** `HOST[:PORT]`; absent: the provider's own, which S3 does not have. */
  endpoint: registryHostSchema.optional(),
  /** Bucket, or container. */
  bucket: z.string().min(1).optional(),
  region: z.string().min(1).optional(),
  /** Whether the bucket stands in the host's name or in the path. */
  uriStyle: z.enum(["host", "path"]).default("host"),
  /** Folder in the bucket: one for each installation. */
  path: z
    .string()
    .regex(/^\/[A-Za-z0-9._/-]*$/, "must be a path such as /migrate-platform")
    .default("/migrate-platform"),
  /** PEM file with the endpoint's private CA, on the jump host. */
  caFile: z.string().min(1).optional(),
  /** Access key id of S3, or Azure's storage account. */
  account: z.string().min(1).optional(),
  /** Secret access key of S3, key of Azure's storage account, or GCS's service account key (JSON). */
  credential: secretReferenceSchema.optional(),
  /** CIDRs that NetworkPolicies open for the endpoint. */
  egressCidrs: z.array(z.union([z.cidrv4(), z.cidrv6()], { error: "must be an address range such as 203.0.113.0/24" })).default([]),
});

const backupFields = z.strictObject({
  /** Cron expressions in `timeZone`. */
  full: scheduleSchema.default("0 2 * * 0"),
  incremental: scheduleSchema.default("0 2 * * 1-6"),
  /** Below Kubernetes 1.27 the controller manager's counts instead. */
  timeZone: timeZoneSchema.default("Etc/UTC"),
  /** What the incremental backups are: all that changed since the last full one (a restore needs two sets), or since the last one of any kind. */
  dailyType: z.enum(["diff", "incr"]).default("diff"),
  /** Full backups that are kept; absent: as backupRetention says. */
  retentionFull: z.int().min(1).optional(),
  /** Days back to which every moment can be restored: a full backup goes when a newer one is that old. */
  retentionDays: z.int().min(1).optional(),
  /** Absent: encrypted, unless the repository that is there is not: pgBackRest cannot change it afterwards. */
  encryption: encryptionSchema.optional(),
  /** Key of the encryption; absent: one is made at the first install and kept. */
  encryptionKey: secretReferenceSchema.optional(),
  repository: backupRepositorySchema.prefault({}),
});

const backupSchema = backupFields.refine(({ retentionFull, retentionDays }) => retentionFull === undefined || retentionDays === undefined, {
  path: ["retentionFull"],
  message: "only one of this and backup.retentionDays can decide what is kept; remove the other",
});

/**
 * Everything a person decided, versioned; the only input of a human to the plan.
 * Unknown keys are refused (see readAnswers for "did you mean"); secrets are references only.
 */
export const answersSchema = z.strictObject({
  version: z.literal(answersVersion),
  release: z
    .strictObject({
      name: labelSchema(40).default("migrate-platform"),
      namespace: labelSchema().default("migrate-platform"),
      createNamespace: z.boolean().default(true),
    })
    .prefault({}),
  /** Which cluster: guards against the wrong current context, and lets `render` work without a cluster. */
  cluster: z.strictObject({ context: z.string().min(1).optional(), kubeVersion: kubeVersionSchema.optional() }).prefault({}),
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
