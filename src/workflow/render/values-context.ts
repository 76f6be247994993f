import type { Answers } from "../../domain/answers/answers.ts";
import { backupRetention } from "../../domain/answers/retention.ts";
import { mergeTrees, type Tree } from "../../domain/answers/tree.ts";
import { formatRegistryAddress, parseRegistryAddress } from "../../domain/image-reference.ts";
import type { Release } from "../../domain/release/release.ts";

/** Secret in which migratectl keeps the registry's credentials for the kubelets, when it makes one. */
export const pullSecretName = "registry-credentials";

/** Secret with the certificate, when migratectl makes it (self-signed or from files). */
export const tlsSecretName = "migrate-platform-tls";

/** What the values are made of; `migrateTo` as in a render request. */
export interface ValuesInput {
  readonly answers: Answers;
  readonly release: Release;
  readonly migrateTo?: string | undefined;
}

/** Everything templates/values.yaml.hbs may name; `undefined` where nothing was decided, so that the chart's profile decides. */
export function valuesContext({ answers, release, migrateTo }: ValuesInput): Readonly<Record<string, unknown>> {
  return {
    release: { version: release.version },
    answers,
    registry: formatRegistryAddress(parseRegistryAddress(answers.registry.host)),
    images: Object.fromEntries(release.images.map(({ name, repository, tag, digest }) => [name, { repository, tag, digest }])),
    pullSecrets: pullSecret(answers),
    tls: tlsValues(answers),
    backupEncryption: answers.backup.encryption ?? "aes-256-cbc",
    backupRepository: repositoryValues(answers),
    retention: retentionValues(answers),
    redisReplicas: answers.redis.sentinel === undefined ? undefined : answers.redis.sentinel ? 3 : 1,
    llm: llmValues(answers),
    migrateTo,
    keda: answers.features.keda !== "off",
    serviceMonitor: answers.features.serviceMonitor !== "off",
  };
}

/** The values with what the answers say under `values:` laid on top. */
export function mergedValues(base: Tree, answers: Answers): Tree {
  return mergeTrees(base, answers.values);
}

function pullSecret({ registry }: Answers): readonly { readonly name: string }[] {
  const name = registry.pullSecret ?? (registry.username === undefined ? undefined : pullSecretName);
  return name === undefined ? [] : [{ name }];
}

function tlsValues({ ingress: { tls } }: Answers): Tree {
  switch (tls.mode) {
    case "self-signed":
      return { mode: "self-signed", secretName: tlsSecretName };
    case "files":
      return { mode: "existing", secretName: tlsSecretName };
    case "secret":
      return { mode: "existing", secretName: tls.secretName };
    case "cert-manager":
      return { mode: "cert-manager", secretName: tlsSecretName, issuer: { name: tls.issuer, kind: tls.issuerKind } };
  }
}

function retentionValues(answers: Answers): Tree {
  const { unit, count } = backupRetention(answers);
  return { byTime: unit === "days", count };
}

/** The bucket of the backups; undefined where they go to a claim. Its credentials are in a Secret. */
function repositoryValues({ backup: { repository } }: Answers): Tree | undefined {
  const { kind, endpoint, bucket, region, uriStyle, path, caFile, egressCidrs } = repository;
  if (kind === "claim") return undefined;
  const [host, port] = (endpoint ?? "").split(":");
  return {
    kind,
    ...(host === "" ? {} : { endpoint: host }),
    port: port === undefined ? 443 : Number(port),
    bucket,
    ...(region === undefined ? {} : { region }),
    uriStyle,
    path,
    privateCa: caFile !== undefined,
    cidrs: egressCidrs,
  };
}

function llmValues({ llm }: Answers): Tree | undefined {
  if (llm.baseUrl === undefined) return undefined;
  const url = new URL(llm.baseUrl);
  const port = url.port === "" ? (url.protocol === "http:" ? 80 : 443) : Number(url.port);
  return { baseUrl: llm.baseUrl, host: url.hostname, port, cidrs: llm.egressCidrs };
}
