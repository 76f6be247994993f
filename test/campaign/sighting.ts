import { createHash } from "node:crypto";
import { z } from "zod";
import { type Journal, journalSchema } from "../../src/domain/plan/journal.ts";
import { type ReleaseRecord, recordSchema } from "../../src/domain/plan/record.ts";
import { journalName } from "../../src/workflow/run/journal-keeper.ts";
import { leaseName } from "../../src/workflow/run/lease.ts";
import { recordName } from "../../src/workflow/run/record-book.ts";
import { type E2eSite, kubectl } from "../e2e/support/site.ts";

/** Kinds of everything that an installation makes and that nothing but an installation changes. */
const kinds = [
  "secrets",
  "configmaps",
  "serviceaccounts",
  "services",
  "persistentvolumeclaims",
  "deployments.apps",
  "statefulsets.apps",
  "jobs.batch",
  "cronjobs.batch",
  "horizontalpodautoscalers.autoscaling",
  "poddisruptionbudgets.policy",
  "networkpolicies.networking.k8s.io",
  "ingresses.networking.k8s.io",
  "resourcequotas",
  "limitranges",
  "leases.coordination.k8s.io",
].join(",");

/** One object as it stood at a moment. */
interface SeenObject {
  readonly uid: string;
  /** Of the spec; undefined for kinds that count none. */
  readonly generation: number | undefined;
  /** sha256 of the values of a Secret or ConfigMap; undefined for others. */
  readonly content: string | undefined;
}

/** One revision in Helm's record. */
export interface SeenRevision {
  readonly revision: number;
  readonly status: string;
}

/** What a namespace held at a moment. */
export interface Sighting {
  /** UID of the namespace; undefined when there was none. */
  readonly namespace: string | undefined;
  /** By `Kind/name`; without Helm's record, journal, record and Lease, which are told apart below. */
  readonly objects: ReadonlyMap<string, SeenObject>;
  /** Oldest first. */
  readonly revisions: readonly SeenRevision[];
  readonly journal: Journal | undefined;
  readonly record: ReleaseRecord | undefined;
  /** Holder of the Lease; undefined when nobody holds it. */
  readonly lease: string | undefined;
}

const objectSchema = z.object({
  kind: z.string(),
  metadata: z.object({
    name: z.string(),
    uid: z.string(),
    generation: z.number().optional(),
    labels: z.record(z.string(), z.string()).default({}),
  }),
  data: z.record(z.string(), z.string()).optional(),
  spec: z.object({ holderIdentity: z.string().optional() }).optional(),
});
const listSchema = z.object({ items: z.array(objectSchema) });

/** What the cluster itself puts into every namespace. */
const everywhere = new Set(["ConfigMap/kube-root-ca.crt", "ServiceAccount/default"]);

/** Looks at the namespace with kubectl. @throws Error when kubectl fails, ZodError when journal or record cannot be read */
export async function look(site: E2eSite, namespace: string): Promise<Sighting> {
  const uid = await kubectl(site, "get", "namespace", namespace, "--ignore-not-found", "-o", "jsonpath={.metadata.uid}");
  if (uid === "")
    return { namespace: undefined, objects: new Map(), revisions: [], journal: undefined, record: undefined, lease: undefined };
  const { items } = listSchema.parse(JSON.parse(await kubectl(site, "-n", namespace, "get", kinds, "-o", "json")));
  const document = (name: string, key: string): unknown => {
    const text = items.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === name)?.data?.[key];
    return text === undefined ? undefined : JSON.parse(text);
  };
  const isHelm = (item: z.infer<typeof objectSchema>) => item.kind === "Secret" && item.metadata.labels["owner"] === "helm";
  const lease = items.find(({ kind, metadata }) => kind === "Lease" && metadata.name === leaseName);
  return {
    namespace: uid,
    objects: new Map(
      items
        .filter((item) => !isHelm(item) && item.kind !== "Lease" && ![journalName, recordName].includes(item.metadata.name))
        .map((item) => [`${item.kind}/${item.metadata.name}`, seen(item)] as const)
        .filter(([name]) => !everywhere.has(name)),
    ),
    revisions: items
      .filter(isHelm)
      .map(({ metadata: { labels } }) => ({ revision: Number(labels["version"]), status: labels["status"] ?? "" }))
      .toSorted((a, b) => a.revision - b.revision),
    journal: journalSchema.optional().parse(document(journalName, "journal.json")),
    record: recordSchema.optional().parse(document(recordName, "record.json")),
    lease: lease === undefined ? undefined : (lease.spec?.holderIdentity ?? "somebody"),
  };
}

function seen({ metadata, data }: z.infer<typeof objectSchema>): SeenObject {
  return {
    uid: metadata.uid,
    generation: metadata.generation,
    content:
      data === undefined
        ? undefined
        : createHash("sha256")
            .update(JSON.stringify(Object.entries(data).toSorted()))
            .digest("hex"),
  };
}
