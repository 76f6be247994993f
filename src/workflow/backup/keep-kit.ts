import type { Answers } from "../../domain/answers/answers.ts";
import { canonicalJson } from "../../domain/canonical-json.ts";
import type { KitContent, RecoveryKit } from "../../domain/recovery/recovery-kit.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import type { KitStore } from "../../ports/kit-store.ts";
import type { Sealer } from "../../ports/sealer.ts";
import { readRecord } from "../run/record-book.ts";
import { backupSecret, generatedSecrets } from "../secrets/platform-secrets.ts";

/** What keeping a kit works through. */
export interface KitPorts {
  readonly objects: ClusterObjects;
  readonly kits: KitStore;
  readonly sealer: Sealer;
  readonly clock: Clock;
}

/** Whose kit it is. */
export interface KitSubject {
  readonly name: string;
  readonly namespace: string;
  readonly version: string;
  /** Absent: those of the last installation, as the record has them. */
  readonly answers?: Answers;
}

/** Whether a kit was kept: not where the backups are not encrypted, because there is no key for it, and not before there are answers. */
export type KitKept = "kept" | "no-key" | "no-answers";

/**
 * Puts answers, generated secrets and the record of a release with its backups, sealed with the key of the backups, so that they alone make the
 * platform again in an empty cluster. Doing it again replaces what was there.
 * @throws Problem CLUSTER_*, RECORD_BROKEN, EXEC_FAILED, BACKUP_HOST_*
 */
export async function keepKit(
  { objects, kits, sealer, clock }: KitPorts,
  { name, namespace, version, answers }: KitSubject,
  signal: AbortSignal,
): Promise<KitKept> {
  const key = (await objects.readSecret(namespace, backupSecret.name, signal))?.[backupSecret.key];
  if (key === undefined) return "no-key";
  const book = await readRecord(objects, namespace, signal);
  const kept: unknown = answers ?? (book?.answers === undefined ? undefined : JSON.parse(book.answers));
  if (kept === undefined) return "no-answers";
  const content: KitContent = {
    answers: kept,
    secrets: await secretsOf(namespace, objects, signal),
    ...(book === undefined ? {} : { record: canonicalJson(book.record) }),
  };
  const kit: RecoveryKit = {
    apiVersion: "migratectl/v1",
    kind: "RecoveryKit",
    createdAt: clock.now().toISOString(),
    release: { name, namespace, version },
    sealed: await sealer.seal(JSON.stringify(content), key),
  };
  await kits.write(`${JSON.stringify(kit)}\n`, signal);
  return "kept";
}

async function secretsOf(namespace: string, objects: ClusterObjects, signal: AbortSignal): Promise<KitContent["secrets"]> {
  const found: Record<string, Record<string, string>> = {};
  for (const [secret, keys] of Object.entries(generatedSecrets)) {
    const values = (await objects.readSecret(namespace, secret, signal)) ?? {};
    found[secret] = Object.fromEntries(Object.entries(values).filter(([key]) => (keys as readonly string[]).includes(key)));
  }
  return found;
}
