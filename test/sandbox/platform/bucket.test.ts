import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readInspection } from "../../../src/adapters/kubernetes/backup-host/answers.ts";
import { certificates } from "../../../src/adapters/node/certificates.ts";
import { readArchived, readOwnRepository } from "../../../src/workflow/backup/survey.ts";
import { problemOf } from "../../fakes/problem-of.ts";
import { type BucketStore, bucketStores, type StoreCredentials } from "./bucket-stores.ts";
import type { Container } from "./container.ts";
import { eventually } from "./eventually.ts";
import { buildPlatform } from "./platform.ts";
import { PlatformLab, type PostgresOptions } from "./platform-lab.ts";
import { pgbackrestConfig } from "./reference-config.ts";
import { hostArchitecture } from "./sources.ts";

/** The chart's pgbackrest.conf for a store, which keeps one full backup. */
const configured = (store: BucketStore): string =>
  pgbackrestConfig["pgbackrest.conf"]
    .replace("repo1-path=/var/lib/pgbackrest", store.repository.join("\n"))
    .replace("repo1-retention-full=2", "repo1-retention-full=1");

describe.each(bucketStores)("a repository in a bucket $name, over TLS", (store) => {
  let folder: string;
  let lab: PlatformLab;
  let options: PostgresOptions;
  let credentials: StoreCredentials;
  let primary: Container;
  let agent: Container;
  let set: string;
  let before: string;

  const ask = async (...args: readonly string[]): Promise<string> => (await agent.exec("postgres-entrypoint", ...args)).trim();
  const inspected = async () => readInspection(await ask("inspect"));
  const backedUp = async (): Promise<string> => {
    const { request } = JSON.parse(
      String(await eventually("a backup is asked for", 90, () => ask("ask-backup", "full", "test").catch(() => false))),
    ) as { readonly request: number };
    return eventually("it is made", 120, async () => /"label" : "([0-9F-]+)"/.exec(await ask("backup-state", String(request)))?.[1]);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "platform-bucket-"));
    await buildPlatform({ release: "1.0.0", out: join(folder, "1.0.0"), images: ["postgres"], platforms: [hostArchitecture] });
    lab = await PlatformLab.open(join(folder, "1.0.0"), join(folder, "lab"));
    const { certificate, key } = await certificates.selfSigned(store.host, new Date(), 2);
    const files = { certificate: join(folder, "store.crt"), key: join(folder, "store.key") };
    await Promise.all([writeFile(files.certificate, certificate), writeFile(files.key, key)]);
    credentials = await store.serve({ pods: lab.pods, folder, host: store.host, ...files });
    options = { pgbackrest: configured(store), bucket: { ...credentials.secret, "ca.pem": certificate } };
    await lab.pods.address("postgres");
    // On a machine that has none of the servers yet they are built or installed first.
  }, 1_200_000);

  afterAll(async () => {
    await lab?.pods.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  test("takes the WAL and a backup, and the survey reads sets, archive and commits out of it", async () => {
    primary = await lab.postgres("postgres", ["primary"], options);
    await lab.postgresReady(primary);
    agent = await lab.postgres("postgres", ["backup-agent"], { ...options, name: "agent" });
    await lab.query(primary, "create table marker as select 1 as id");
    set = await backedUp();
    await lab.query(primary, "insert into marker values (2)");
    before = await lab.query(primary, "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00')");
    await lab.query(primary, "insert into marker values (3)");
    const { switched } = JSON.parse(await ask("switch-wal")) as { readonly switched: string };
    const path = await eventually(
      `${switched} is archived`,
      60,
      async () => new RegExp(`17-1/[0-9A-F]{16}/${switched}-[0-9a-f]{40}\\.zst`).exec(await ask("inspect"))?.[0],
    );
    expect(await ask("commits", path)).toMatch(/"commits":\[\{"lsn":"0\//);
    const inspection = await inspected();
    const own = readOwnRepository(inspection);
    expect(own.repository).toMatchObject({ cipher: "aes-256-cbc", sets: [{ label: set }] });
    expect(readArchived(inspection, own).timelines).toMatchObject([{ id: 1, holes: [] }]);
    expect(await ask("verify")).toMatch(/status: ok/);
  });

  test("is where a restore to a moment comes from", async () => {
    expect(await agent.stop()).toBe(0);
    expect(await primary.stop()).toBe(0);
    const restore = await lab.postgres("postgres", ["restore", "r1", set, "1", "time", before], { ...options, name: "restore" });
    await eventually("it waits at its target", 90, async () => {
      if (restore.status !== undefined) throw new Error(restore.output);
      return (await restore.exec("postgres-entrypoint", "restore-state")).includes('"phase":"paused"');
    });
    expect(await lab.query(restore, "select string_agg(id::text, ' ' order by id) from marker")).toBe("1 2");
    await restore.exec("postgres-entrypoint", "decide", "promote");
    expect(await restore.ended, restore.output).toBe(0);
    primary = await lab.postgres("postgres", ["primary"], { ...options, name: "after" });
    await lab.postgresReady(primary);
    agent = await lab.postgres("postgres", ["backup-agent"], { ...options, name: "agent-after" });
    await eventually("the new timeline's history is in the bucket", 60, async () =>
      Object.keys((await inspected()).histories).includes("17-1/00000002.history"),
    );
  });

  test("gives room when a full backup takes an old one away, and takes none away while somebody reads them", async () => {
    const labels = async () => readOwnRepository(await inspected()).repository.sets.map(({ label }) => label);
    expect(await ask("hold-sets", "export")).toBe("");
    const held = await backedUp();
    expect(await labels()).toEqual([set, held]);
    expect(await ask("release-sets", "export")).toBe("");
    const next = await backedUp();
    expect(await labels()).toEqual([next]);
  });

  test("refuses a new cluster beside what is in it", async () => {
    const stranger = await lab.postgres("stranger", ["primary"], options);
    expect(await stranger.ended).toBe(65);
  });

  /** The problem of a survey by an agent that is started otherwise than the primary. */
  const problemOfAgent = async (name: string, otherwise: Readonly<Record<string, string>>) => {
    const bucket = { ...options.bucket, ...otherwise };
    agent = await lab.postgres("postgres", ["backup-agent"], { ...options, bucket, name });
    await eventually("the agent runs", 30, () => ask("volumes"));
    return problemOf(async () => readOwnRepository(await inspected()));
  };

  if (store.refusal !== undefined)
    test("that refuses its credentials is told with pgBackRest's reason", async () => {
      const { code, message } = await problemOfAgent("agent-refused", credentials.refused ?? {});
      expect(`${code}: ${message}`).toMatch(new RegExp(`^REPOSITORY_UNREADABLE: .*${store.refusal}`));
    });

  // Reaching a host and trusting it is the same for each kind of bucket.
  if (store.kind === "s3") {
    test("refuses a new cluster that cannot look into it", async () => {
      const pgbackrest = configured(store).replace("9443", "9").replace("[global]\n", "[global]\nio-timeout=5\n");
      const lost = await lab.postgres("lost", ["primary"], { ...options, pgbackrest });
      expect(await lost.ended).toBe(75);
      expect(lost.output).toContain("cannot be told");
    }, 120_000);

    test("whose certificate is another's is told with pgBackRest's reason", async () => {
      const other = (await certificates.selfSigned("store", new Date(), 2)).certificate;
      const problem = await problemOfAgent("agent-other-ca", { "ca.pem": other });
      expect(problem).toMatchObject({ code: "REPOSITORY_UNREADABLE", message: expect.stringContaining("unable to verify certificate") });
    }, 120_000);
  }

  test("its credentials are in no argument, no environment and no output", async () => {
    const seen = await primary.exec("sh", "-c", "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'");
    for (const secret of [...credentials.canaries, lab.cipherKey]) {
      expect(secret).not.toBe("");
      expect(seen).not.toContain(secret);
      expect(lab.pods.output()).not.toContain(secret);
    }
  });
});
