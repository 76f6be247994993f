import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { exportFiles } from "../../../src/adapters/node/export-file/write-export.ts";
import { sealer } from "../../../src/adapters/node/sealer.ts";
import { backedUpAnswers } from "../../../src/cli/compose/from-backup.ts";
import { resolveAnswers } from "../../../src/domain/answers/resolve.ts";
import type { BackupExport } from "../../../src/domain/recovery/backup-export.ts";

it("answers of version 1 that lie with the backups are read as those of now, but for the cluster they were of", async () => {
  const folder = mkdtempSync(join(tmpdir(), "migratectl-kit-answers-"));
  const [path, key] = [join(folder, "backups.export"), join(folder, "key")];
  writeFileSync(key, "a key\n");
  const answers = {
    version: "migratectl/v1",
    cluster: { context: "of-ann" },
    registry: { host: "r.example" },
    ingress: { host: "a.example" },
    storage: { backup: "500Gi" },
    backup: { retentionFull: 4, retentionDays: 30 },
  };
  const release = { name: "shop", namespace: "shop", version: "1.0.0" };
  const sealed = await sealer.seal(JSON.stringify({ answers, secrets: {} }), "a key");
  const createdAt = "2026-11-30T00:00:00.000Z";
  const kit = Buffer.from(JSON.stringify({ apiVersion: "migratectl/v1", kind: "RecoveryKit", createdAt, release, sealed }));
  const manifest: BackupExport = {
    apiVersion: "migratectl/v1",
    kind: "BackupExport",
    createdAt,
    release,
    systemId: "7512345678901234567",
    postgres: "17",
    cipher: "aes-256-cbc",
    sets: [],
    files: [{ path: "migratectl/kit.json", bytes: kit.length }],
  };
  const source = {
    read: (_: unknown, take: (bytes: Buffer) => Promise<void>) => take(kit),
    sums: async () => [createHash("sha256").update(kit).digest("hex")],
  };
  try {
    await exportFiles.write(path, manifest, source, () => undefined, new AbortController().signal);
    const file = await backedUpAnswers({ "from-backup": path, "backup-encryption-key-file": key }, { answers: undefined });
    const read = resolveAnswers({ flags: {}, environment: {}, file });
    expect(read).toMatchObject({ version: "migratectl/v2", cluster: {}, backup: { retentionDays: 30, repository: { size: "500Gi" } } });
    expect(read.backup.retentionFull).toBeUndefined();
    expect(read.cluster.context).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
