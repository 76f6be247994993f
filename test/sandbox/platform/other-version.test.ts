import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readInspection } from "../../../src/adapters/kubernetes/backup-host/answers.ts";
import { readRepository } from "../../../src/domain/recovery/repository.ts";
import { readOwnRepository } from "../../../src/workflow/backup/survey.ts";
import { problemOf } from "../../fakes/problem-of.ts";
import { run } from "./command.ts";
import type { Container } from "./container.ts";
import { eventually } from "./eventually.ts";
import { passFor16 } from "./older-control-file.ts";
import { buildPlatform } from "./platform.ts";
import { PlatformLab } from "./platform-lab.ts";
import { hostArchitecture } from "./sources.ts";

describe("a repository that another major version of Postgres has filled, with the image that the chart runs", () => {
  let folder: string;
  let lab: PlatformLab;
  let primary: Container;
  let agent: Container;
  let repository: string;
  /** What the repository holds before Postgres 17 finds it. */
  let before: Readonly<Record<string, string>>;

  const ask = async (container: Container, ...args: readonly string[]): Promise<string> =>
    (await container.exec("postgres-entrypoint", ...args)).trim();
  const inspected = async (container: Container) => readInspection(await ask(container, "inspect"));
  /** The digest of each file below a folder. */
  const contentOf = async (path: string): Promise<Readonly<Record<string, string>>> => {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const digest = async (file: string): Promise<string> =>
      createHash("sha256")
        .update(await readFile(file))
        .digest("hex");
    return Object.fromEntries(await Promise.all(files.toSorted().map(async (file) => [file.slice(path.length), await digest(file)])));
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "platform-version-"));
    await buildPlatform({ release: "1.0.0", out: join(folder, "1.0.0"), images: ["postgres"], platforms: [hostArchitecture] });
    lab = await PlatformLab.open(join(folder, "1.0.0"), join(folder, "lab"));
    const founding = await lab.postgres("postgres", ["primary"], { name: "founding", repository: "other" });
    await lab.postgresReady(founding);
    expect(await founding.stop(60), founding.output).toBe(0);
    // The same database as Postgres 16 would have it on disk, and its backup.
    const { "/var/lib/postgresql/data": data = "" } = await lab.postgresVolumes("postgres");
    const { "/var/lib/postgresql/data": older = "", "/var/lib/pgbackrest": filled } = await lab.postgresVolumes("older", "postgres");
    await run(["cp", "--archive", `${data}/.`, older]);
    await passFor16(join(older, "current"));
    const filling = await lab.postgres("older", ["idle"], { repository: "postgres" });
    const fill = (...args: readonly string[]) =>
      filling.exec("env", "PGBACKREST_CONFIG_INCLUDE_PATH=/tmp/pgbackrest.d", "pgbackrest", "--stanza=main", "--no-online", ...args);
    await eventually("the pod is there", 30, () => filling.exec("test", "-s", "/tmp/pgbackrest.d/secrets.conf"));
    await fill("stanza-create");
    await fill("--type=full", "backup");
    await filling.kill();
    repository = filled;
    before = await contentOf(repository);
    primary = await lab.postgres("postgres", ["primary"]);
    await lab.postgresReady(primary);
    agent = await lab.postgres("postgres", ["backup-agent"], { name: "agent" });
    await eventually("the agent runs", 30, () => ask(agent, "volumes"));
  }, 300_000);

  afterAll(async () => {
    await lab?.pods.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  test("is refused where the database answers, and keeps what it holds: nothing is upgraded or archived into it", async () => {
    const { info } = await inspected(agent);
    expect(readRepository(info, "main")).toMatchObject({ databases: [{ version: "16" }], withoutWal: [expect.stringMatching(/F$/)] });
    expect(await problemOf(async () => readOwnRepository(await inspected(agent)))).toMatchObject({
      code: "POSTGRES_MAJOR_MISMATCH",
      message: expect.stringMatching(/^The repository's current database is Postgres 16 \(\d+\), this one is Postgres 17 /),
    });
    await eventually("the agent says why", 30, async () =>
      agent.output.includes("the repository is of another database or of another major version of Postgres"),
    );
    await ask(agent, "switch-wal");
    await eventually("archiving fails", 90, async () => (await inspected(agent)).primary?.archived.failedSegment);
    await eventually("Postgres says why", 30, async () => primary.output.includes("do not match repo1 stanza version 16"));
    expect(await lab.query(primary, "select 1"), "it serves all the same").toBe("1");
    expect(await contentOf(repository)).toEqual(before);
  });

  test("is refused where the volume is lost and no database can be asked", async () => {
    const lost = await lab.postgres("lost", ["idle"], { repository: "postgres" });
    const inspection = await eventually("the pod answers", 30, () => inspected(lost));
    expect(inspection).toMatchObject({ primary: undefined, major: "17" });
    expect(await problemOf(() => readOwnRepository(inspection))).toMatchObject({ code: "POSTGRES_MAJOR_MISMATCH" });
    expect(await contentOf(repository)).toEqual(before);
  });

  test("is never begun anew by a database that is founded beside it", async () => {
    const founded = await lab.postgres("founded", ["primary"], { repository: "postgres" });
    expect(await founded.ended).toBe(65);
    expect(founded.output).toContain("refusing to found a new cluster beside it");
    expect(await contentOf(repository)).toEqual(before);
  });
});
