import { profileSchema } from "./answers.ts";

/** How the text of a flag or an environment variable becomes a value in the answers. */
type FieldKind = "text" | "path" | "boolean" | "integer" | "list" | "secret" | "assignments";

/** One thing a person can decide: its place in the answers, its flag, its environment variable, and its help. */
export interface Field {
  /** Dotted path in the answers: `ingress.host`. */
  readonly path: string;
  /** Flag without dashes: `ingress-host`. For a secret it takes the path of a file. */
  readonly flag: string;
  /** `path`: a file on this host; in migratectl.yaml it is relative to the folder of that file (see file-paths.ts). */
  readonly kind: FieldKind;
  /** One phrase: the help of the flag and the comment in migratectl.yaml. */
  readonly help: string;
  /** Placeholder in the help: `HOST[/PREFIX]`. */
  readonly value: string;
  readonly options?: readonly string[];
  /** Declared once for every command in global-flags.ts. */
  readonly global?: true;
}

const toggle = ["auto", "on", "off"] as const;

/** Every answer that has a flag, in the order of migratectl.yaml. */
export const fields = [
  { path: "cluster.context", flag: "context", kind: "text", value: "NAME", help: "context of the kubeconfig", global: true },
  {
    path: "cluster.kubeVersion",
    flag: "kube-version",
    kind: "text",
    value: "VERSION",
    help: "Kubernetes version to render for when no cluster is asked, such as 1.34.4",
  },
  { path: "release.name", flag: "release-name", kind: "text", value: "NAME", help: "name of the Helm release" },
  { path: "release.namespace", flag: "namespace", kind: "text", value: "NAME", help: "namespace of the release", global: true },
  {
    path: "release.createNamespace",
    flag: "create-namespace",
    kind: "boolean",
    value: "",
    help: "create the namespace when it does not exist",
  },
  {
    path: "profile",
    flag: "profile",
    kind: "text",
    value: "NAME",
    help: "size of the installation; trial is for evaluation only",
    options: profileSchema.options,
  },
  {
    path: "scope",
    flag: "scope",
    kind: "text",
    value: "SCOPE",
    help: "namespace: create nothing outside the namespace; cluster: priority classes too",
    options: ["namespace", "cluster"],
  },
  {
    path: "registry.host",
    flag: "registry",
    kind: "text",
    value: "HOST[/PREFIX]",
    help: "registry that the cluster's nodes pull from, and that push writes to",
  },
  { path: "registry.username", flag: "registry-username", kind: "text", value: "NAME", help: "user name for the registry" },
  {
    path: "registry.password",
    flag: "registry-password-file",
    kind: "secret",
    value: "FILE",
    help: "file that holds the password for the registry",
  },
  { path: "registry.caFile", flag: "registry-ca", kind: "path", value: "FILE", help: "PEM file with the registry's private CA" },
  { path: "registry.plainHttp", flag: "plain-http", kind: "boolean", value: "", help: "talk to the registry without TLS" },
  {
    path: "registry.pullSecret",
    flag: "registry-pull-secret",
    kind: "text",
    value: "NAME",
    help: "existing pull secret to use instead of making one",
  },
  {
    path: "storage.className",
    flag: "storage-class",
    kind: "text",
    value: "NAME",
    help: "storage class of every claim (default: the cluster's default class)",
  },
  { path: "storage.postgres", flag: "postgres-size", kind: "text", value: "SIZE", help: "size of the Postgres claim, such as 200Gi" },
  { path: "storage.redis", flag: "redis-size", kind: "text", value: "SIZE", help: "size of each Redis claim" },
  { path: "ingress.enabled", flag: "ingress", kind: "boolean", value: "", help: "make the platform reachable from outside the cluster" },
  {
    path: "ingress.kind",
    flag: "ingress-kind",
    kind: "text",
    value: "KIND",
    help: "API that publishes the platform: Ingress, Gateway API or OpenShift Route",
    options: ["ingress", "gateway", "route"],
  },
  { path: "ingress.className", flag: "ingress-class", kind: "text", value: "NAME", help: "ingress class (or GatewayClass)" },
  { path: "ingress.host", flag: "ingress-host", kind: "text", value: "HOST", help: "DNS name under which people reach the platform" },
  {
    path: "ingress.controllerNamespace",
    flag: "ingress-namespace",
    kind: "text",
    value: "NAME",
    help: "namespace of the ingress controller, which the network policies admit",
  },
  {
    path: "ingress.tls.mode",
    flag: "tls",
    kind: "text",
    value: "MODE",
    help: "where the certificate comes from",
    options: ["self-signed", "files", "secret", "cert-manager"],
  },
  {
    path: "ingress.tls.certFile",
    flag: "tls-cert-file",
    kind: "path",
    value: "FILE",
    help: "PEM file with the certificate and its chain (implies --tls files)",
  },
  { path: "ingress.tls.keyFile", flag: "tls-key-file", kind: "path", value: "FILE", help: "PEM file with the certificate's private key" },
  {
    path: "ingress.tls.secretName",
    flag: "tls-secret",
    kind: "text",
    value: "NAME",
    help: "existing kubernetes.io/tls Secret (implies --tls secret)",
  },
  { path: "ingress.tls.issuer", flag: "tls-issuer", kind: "text", value: "NAME", help: "cert-manager issuer (implies --tls cert-manager)" },
  {
    path: "ingress.tls.issuerKind",
    flag: "tls-issuer-kind",
    kind: "text",
    value: "KIND",
    help: "kind of the cert-manager issuer",
    options: ["ClusterIssuer", "Issuer"],
  },
  {
    path: "postgres.replicas",
    flag: "postgres-replicas",
    kind: "integer",
    value: "COUNT",
    help: "read replicas of Postgres, 0 to 2 (default: by profile)",
  },
  {
    path: "redis.sentinel",
    flag: "redis-sentinel",
    kind: "boolean",
    value: "",
    help: "three Redis pods with Sentinel (default: by profile)",
  },
  {
    path: "llm.baseUrl",
    flag: "llm-url",
    kind: "text",
    value: "URL",
    help: "base URL of the LLM provider (default: none, and no way out is opened)",
  },
  { path: "llm.apiKey", flag: "llm-api-key-file", kind: "secret", value: "FILE", help: "file that holds the LLM provider's API key" },
  {
    path: "llm.egressCidrs",
    flag: "llm-egress-cidr",
    kind: "list",
    value: "CIDR",
    help: "address range of the LLM provider that network policies open; may be given several times",
  },
  {
    path: "features.networkPolicies",
    flag: "network-policies",
    kind: "boolean",
    value: "",
    help: "create NetworkPolicies (default deny, then what is needed)",
  },
  {
    path: "features.keda",
    flag: "keda",
    kind: "text",
    value: "WHEN",
    help: "scale workers by queue length with KEDA; auto: when the cluster has it",
    options: toggle,
  },
  {
    path: "features.serviceMonitor",
    flag: "service-monitor",
    kind: "text",
    value: "WHEN",
    help: "ServiceMonitors for the Prometheus operator; auto: when the cluster has it",
    options: toggle,
  },
  {
    path: "features.agentPool",
    flag: "agent-pool",
    kind: "boolean",
    value: "",
    help: "run the agent pool beside the workers (default: by profile)",
  },
  { path: "backup.full", flag: "backup-full", kind: "text", value: "CRON", help: "when full backups run" },
  { path: "backup.incremental", flag: "backup-incremental", kind: "text", value: "CRON", help: "when incremental backups run" },
  {
    path: "backup.timeZone",
    flag: "backup-time-zone",
    kind: "text",
    value: "ZONE",
    help: "time zone in which these times are meant, such as Europe/Berlin (Kubernetes 1.27 and newer)",
  },
  {
    path: "backup.dailyType",
    flag: "backup-daily-type",
    kind: "text",
    value: "TYPE",
    help: "what is backed up between full backups: diff, all since the last full one; incr, all since the last one",
    options: ["diff", "incr"],
  },
  { path: "backup.retentionFull", flag: "backup-retention-full", kind: "integer", value: "COUNT", help: "full backups that are kept" },
  {
    path: "backup.retentionDays",
    flag: "backup-retention-days",
    kind: "integer",
    value: "DAYS",
    help: "days back to which every moment can be restored, instead of a count of full backups",
  },
  {
    path: "backup.encryption",
    flag: "backup-encryption",
    kind: "text",
    value: "CIPHER",
    help: "how backups are encrypted; none only for a repository that was made without (default: encrypted)",
    options: ["aes-256-cbc", "none"],
  },
  {
    path: "backup.encryptionKey",
    flag: "backup-encryption-key-file",
    kind: "secret",
    value: "FILE",
    help: "file that holds the key of the backups (default: one is made at the first install and kept)",
  },
  {
    path: "backup.repository.kind",
    flag: "backup-repository",
    kind: "text",
    value: "KIND",
    help: "where backups are kept: a volume of the cluster, or a bucket",
    options: ["claim", "s3", "azure", "gcs"],
  },
  {
    path: "backup.repository.storageClass",
    flag: "backup-storage-class",
    kind: "text",
    value: "NAME",
    help: "storage class of the backups' claim, such as one of NFS (default: that of every claim)",
  },
  { path: "backup.repository.size", flag: "backup-size", kind: "text", value: "SIZE", help: "size of the backups' claim" },
  {
    path: "backup.repository.endpoint",
    flag: "backup-endpoint",
    kind: "text",
    value: "HOST[:PORT]",
    help: "endpoint of the bucket (default: the public one of Azure or GCS)",
  },
  {
    path: "backup.repository.bucket",
    flag: "backup-bucket",
    kind: "text",
    value: "NAME",
    help: "bucket, or container, that backups go to; it has to be there",
  },
  {
    path: "backup.repository.region",
    flag: "backup-region",
    kind: "text",
    value: "NAME",
    help: "region of the S3 bucket",
  },
  {
    path: "backup.repository.uriStyle",
    flag: "backup-uri-style",
    kind: "text",
    value: "STYLE",
    help: "whether the bucket stands in the host's name or in the path",
    options: ["host", "path"],
  },
  {
    path: "backup.repository.path",
    flag: "backup-path",
    kind: "text",
    value: "PREFIX",
    help: "folder in the bucket, one for each installation",
  },
  {
    path: "backup.repository.caFile",
    flag: "backup-ca",
    kind: "path",
    value: "FILE",
    help: "PEM file with the endpoint's private CA",
  },
  {
    path: "backup.repository.account",
    flag: "backup-account",
    kind: "text",
    value: "NAME",
    help: "access key id of S3, or Azure's storage account",
  },
  {
    path: "backup.repository.credential",
    flag: "backup-credential-file",
    kind: "secret",
    value: "FILE",
    help: "file that holds S3's secret access key, Azure's account key, or GCS's service account key",
  },
  {
    path: "backup.repository.egressCidrs",
    flag: "backup-egress-cidr",
    kind: "list",
    value: "CIDR",
    help: "address range of the endpoint that network policies open; may be given several times",
  },
  {
    path: "values",
    flag: "set",
    kind: "assignments",
    value: "KEY=VALUE",
    help: "chart value for what no question covers, such as worker.logLevel=debug; may be given several times",
  },
] as const satisfies readonly Field[];

/** Dotted path of an answer that has a flag. */
export type FieldPath = (typeof fields)[number]["path"];

/** The field at a path. */
export function fieldAt(path: FieldPath): Field {
  const found = fields.find((field) => field.path === path);
  if (found === undefined) throw new TypeError(`no field ${path}`);
  return found;
}

/** Name of the environment variable of a field: `ingress-host` is MIGRATECTL_INGRESS_HOST. */
export function environmentName(field: Field): string {
  return `MIGRATECTL_${field.flag.toUpperCase().replaceAll("-", "_")}`;
}

/** Name of the environment variable that holds a secret itself: MIGRATECTL_REGISTRY_PASSWORD, beside MIGRATECTL_REGISTRY_PASSWORD_FILE. */
export function secretVariable(field: Field): string {
  return environmentName(field).replace(/_FILE$/, "");
}
