import { describe, expect, it } from "vitest";
import { type AnswersInput, answersSchema } from "../../../src/domain/answers/answers.ts";
import { settleEncryption } from "../../../src/workflow/backup/settle-encryption.ts";
import { FakeClusterObjects } from "../../fakes/fake-cluster-objects.ts";
import { HeldClock } from "../../fakes/held-clock.ts";
import { problemOf } from "../../fakes/problem-of.ts";
import { answersInput } from "../install/rig.ts";

const signal = new AbortController().signal;
const release = { "app.kubernetes.io/instance": "shop" };
const encrypted = { "migratectl.io/backup-encryption": "aes-256-cbc" };

async function cluster(claimLabels?: Readonly<Record<string, string>>, key?: string): Promise<FakeClusterObjects> {
  const objects = new FakeClusterObjects(new HeldClock());
  await objects.createNamespace("shop", {});
  if (claimLabels !== undefined) objects.place("shop", "PersistentVolumeClaim", "backup-postgres-0", { ...release, ...claimLabels });
  const secret = { name: "backup-encryption", labels: release, type: "Opaque" } as const;
  if (key !== undefined) await objects.createSecret("shop", { ...secret, values: { "cipher-key": key } });
  return objects;
}

const settled = async (objects: FakeClusterObjects, backup: AnswersInput["backup"] = {}) =>
  (await settleEncryption(answersSchema.parse({ ...answersInput, backup }), objects, signal)).backup.encryption;

describe("the encryption of the backups", () => {
  it("is on for a new installation, unless the answers say otherwise", async () => {
    expect(await settled(await cluster())).toBe("aes-256-cbc");
    expect(await settled(await cluster(), { encryption: "none" })).toBe("none");
  });

  it("stays off over a repository that was made without, by a release before there was encryption", async () => {
    expect(await settled(await cluster({}))).toBe("none");
    expect(await settled(await cluster({}), { encryption: "none" })).toBe("none");
    expect(await problemOf(async () => settled(await cluster({}), { encryption: "aes-256-cbc" }))).toMatchObject({
      code: "BACKUP_ENCRYPTION_FIXED",
      exit: "usage",
      data: { found: "none", wanted: "aes-256-cbc" },
    });
  });

  it("stays on over an encrypted repository", async () => {
    expect(await settled(await cluster(encrypted, "k"))).toBe("aes-256-cbc");
    expect(await problemOf(async () => settled(await cluster(encrypted, "k"), { encryption: "none" }))).toMatchObject({
      code: "BACKUP_ENCRYPTION_FIXED",
    });
  });

  it("gets no new key beside an old repository: the lost one has to be given", async () => {
    const lost = await cluster(encrypted);
    expect(await problemOf(() => settled(lost))).toMatchObject({ code: "BACKUP_KEY_MISSING", exit: "attention" });
    expect(await settled(lost, { encryptionKey: { env: "KEY" } })).toBe("aes-256-cbc");
  });

  it("is that of this release's claim, not of another's in the namespace", async () => {
    const objects = await cluster();
    objects.place("shop", "PersistentVolumeClaim", "backup-postgres-0", { "app.kubernetes.io/instance": "other" });
    expect(await settled(objects)).toBe("aes-256-cbc");
  });
});
