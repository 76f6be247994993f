import type { Answers, BackupEncryption } from "../../domain/answers/answers.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import { chartLabels } from "../run/labels.ts";
import { backupSecret } from "../secrets/platform-secrets.ts";

/** Claim of the repository, and the label by which the chart says how the repository in it is encrypted. */
const [claim, label] = ["backup-postgres-0", "migratectl.io/backup-encryption"];

/** How new repositories are encrypted. */
const standard = "aes-256-cbc" satisfies BackupEncryption;

/**
 * The answers with the encryption of the backups decided: that of the repository that is there already, which pgBackRest cannot change
 * (releases before encryption made theirs without), else as answered, else encrypted. Reads only.
 * @throws Problem BACKUP_ENCRYPTION_FIXED, BACKUP_KEY_MISSING, CLUSTER_*
 */
export async function settleEncryption(answers: Answers, objects: ClusterObjects, signal: AbortSignal): Promise<Answers> {
  const wanted = answers.backup.encryption;
  const found = await foundEncryption(answers, objects, signal);
  if (wanted !== undefined && found !== undefined && wanted !== found)
    throw new Problem("BACKUP_ENCRYPTION_FIXED", {
      what: `The repository in claim ${claim} is made with encryption ${found}; the answers say ${wanted}.`,
      data: { found, wanted },
    });
  if (found === standard && answers.backup.encryptionKey === undefined) await demandKey(answers, objects, signal);
  return { ...answers, backup: { ...answers.backup, encryption: found ?? wanted ?? standard } };
}

/** How the repository that is there is encrypted; undefined where there is none, or where claims may not be looked at. */
async function foundEncryption(
  { release: { name, namespace } }: Answers,
  objects: ClusterObjects,
  signal: AbortSignal,
): Promise<BackupEncryption | undefined> {
  const isThere = async (more: Readonly<Record<string, string>>): Promise<boolean> => {
    const claims = await objects.listLabelled(namespace, "PersistentVolumeClaim", { ...chartLabels(name), ...more }, signal);
    return claims.some((one) => one.name === claim);
  };
  try {
    if (await isThere({ [label]: standard })) return standard;
    return (await isThere({})) ? "none" : undefined;
  } catch (error) {
    // Preflight says which rights are missing, all of them at once.
    if (error instanceof Problem && error.code === "CLUSTER_FORBIDDEN") return undefined;
    throw error;
  }
}

/** A new key beside an old repository would end all backups without a word. */
async function demandKey({ release: { namespace } }: Answers, objects: ClusterObjects, signal: AbortSignal): Promise<void> {
  const secret = await objects.readSecret(namespace, backupSecret.name, signal);
  if (secret?.[backupSecret.key] !== undefined) return;
  throw new Problem("BACKUP_KEY_MISSING", {
    what: `Claim ${claim} holds an encrypted repository, and Secret ${backupSecret.name} with its key is not in namespace ${namespace}.`,
  });
}
