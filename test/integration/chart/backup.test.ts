import { describe, expect, test } from "vitest";
import { z } from "zod";
import { answersSchema } from "../../../src/domain/answers/answers.ts";
import { settleEncryption } from "../../../src/workflow/backup/settle-encryption.ts";
import { FakeClusterObjects } from "../../fakes/fake-cluster-objects.ts";
import { HeldClock } from "../../fakes/held-clock.ts";
import { bucketStores } from "../../sandbox/platform/bucket-stores.ts";
import { answersInput } from "../../unit/install/rig.ts";
import { workload } from "./pods.ts";
import { type KubernetesObject, objects, type Values } from "./render.ts";

const signal = new AbortController().signal;
const configSchema = z.looseObject({ data: z.record(z.string(), z.string()) });

const render = (values: Values = {}): readonly KubernetesObject[] => objects({ values });
const claimOf = (all: readonly KubernetesObject[]) => all.find(({ metadata }) => metadata.name === "backup-postgres-0");
const pgbackrest = (all: readonly KubernetesObject[]): readonly string[] =>
  (configSchema.parse(all.find(({ metadata }) => metadata.name === "pgbackrest-config")).data["pgbackrest.conf"] ?? "").split("\n");
const mounts = (all: readonly KubernetesObject[]): readonly string[] =>
  workload(all, "postgres").template.spec.volumes.map(({ name }) => name);

const bucket = { "backup.repository.bucket": "backups", "backup.repository.cidrs": ["203.0.113.0/24"] };

describe("the repository of the backups", () => {
  test.each([
    ["aes-256-cbc", "aes-256-cbc"],
    ["none", "none"],
  ])("with encryption %s says so on its claim, as an installation over it reads it", async (encryption, settled) => {
    const claim = claimOf(render({ "backup.encryption": encryption }));
    const cluster = new FakeClusterObjects(new HeldClock());
    await cluster.createNamespace("shop", {});
    const labels = { ...claim?.metadata.labels, "app.kubernetes.io/instance": "shop" };
    cluster.place("shop", "PersistentVolumeClaim", "backup-postgres-0", labels);
    await cluster.createSecret("shop", { name: "backup-encryption", type: "Opaque", labels: {}, values: { "cipher-key": "k" } });
    const answers = answersSchema.parse(answersInput);
    expect((await settleEncryption(answers, cluster, signal)).backup.encryption).toBe(settled);
  });

  test("is encrypted unless said otherwise, by a key that only the primary's pod has", () => {
    const all = render({ profile: "standard" });
    expect(pgbackrest(all)).toContain("repo1-cipher-type=aes-256-cbc");
    expect(mounts(all)).toContain("secret-backup");
    expect(workload(all, "postgres-replica").template.spec.volumes.map(({ name }) => name)).not.toContain("secret-backup");
    const plain = render({ "backup.encryption": "none" });
    expect(pgbackrest(plain).join("\n")).not.toContain("cipher");
    expect(mounts(plain)).not.toContain("secret-backup");
  });

  test.each([
    [
      "s3",
      { "backup.repository.endpoint": "s3.example", "backup.repository.region": "eu-1", "backup.repository.port": 9000 },
      ["repo1-type=s3", "repo1-s3-bucket=backups", "repo1-s3-endpoint=s3.example", "repo1-s3-region=eu-1", "repo1-storage-port=9000"],
    ],
    ["azure", {}, ["repo1-type=azure", "repo1-azure-container=backups", "repo1-path=/migrate-platform"]],
    ["gcs", {}, ["repo1-type=gcs", "repo1-gcs-bucket=backups", "repo1-gcs-key=/run/secrets/migrate-platform/backup-repository/credential"]],
  ])("in a bucket (%s) has no claim, its credentials from a Secret, and a way out for the pods that use it alone", (kind, more, lines) => {
    const all = render({ ...bucket, "backup.repository.kind": kind, ...more });
    expect(claimOf(all)).toBeUndefined();
    expect(pgbackrest(all)).toEqual(expect.arrayContaining(lines));
    expect(pgbackrest(all)).not.toContain("repo1-path=/var/lib/pgbackrest");
    expect(mounts(all)).toContain("secret-bucket");
    expect(mounts(all)).not.toContain("backup");
    const policy = all.find(({ metadata }) => metadata.name === "backup-repository");
    expect(policy?.["spec"]).toMatchObject({
      podSelector: { matchExpressions: [{ operator: "In", values: ["postgres", "postgres-restore", "backup"] }] },
      egress: [{ to: [{ ipBlock: { cidr: "203.0.113.0/24" } }] }],
    });
  });

  test.each(bucketStores)("in a bucket $name is set up as it was tried against a server", ({ values, repository }) => {
    const given = Object.entries(values).map(([key, value]) => [`backup.repository.${key}`, value] as const);
    const lines = pgbackrest(render(Object.fromEntries(given)));
    expect(lines.filter((line) => /^repo1-(type|path|storage|s3|azure|gcs)/.test(line))).toEqual(repository);
  });

  test("keeps full backups by count or by days, and makes differential ones in between", () => {
    expect(pgbackrest(render())).toEqual(expect.arrayContaining(["repo1-retention-full-type=count", "repo1-retention-full=4"]));
    const days = render({ "backup.retention.type": "time", "backup.retention.full": 30 });
    expect(pgbackrest(days)).toEqual(expect.arrayContaining(["repo1-retention-full-type=time", "repo1-retention-full=30"]));
    const daily = (values: Values) => workload(render(values), "backup-incremental").template.spec.containers[0]?.args;
    expect(daily({})).toEqual(["backup-request", "diff"]);
    expect(daily({ "backup.dailyType": "incr" })).toEqual(["backup-request", "incr"]);
  });

  test("has Redis in it: the agent alone is told where it is, and given its password", () => {
    const agentOf = (values: Values) => {
      const { containers, volumes } = workload(render(values), "postgres").template.spec;
      const told = containers.map(({ name, env = [], volumeMounts = [] }) => ({
        name,
        env: env.filter((one) => one.name.startsWith("REDIS_")).map((one) => `${one.name}=${one.value}`),
        secret: volumeMounts.some((mount) => mount.name === "secret-redis"),
      }));
      return {
        agent: told.find(({ name }) => name === "backup-agent"),
        others: told.filter(({ name, env, secret }) => name !== "backup-agent" && (secret || env.length > 0)),
        volume: volumes.some(({ name }) => name === "secret-redis"),
      };
    };
    const usual = agentOf({ "backup.redis.maxMegabytes": 64 });
    expect(usual.agent?.env).toEqual(
      expect.arrayContaining(["REDIS_HOST=redis", "REDIS_BACKUP_INTERVAL_MINUTES=60", "REDIS_BACKUP_MAX_MEGABYTES=64"]),
    );
    expect([usual.agent?.secret, usual.volume, usual.others]).toEqual([true, true, []]);
    expect(agentOf({ profile: "standard" }).agent?.env).toContainEqual(expect.stringMatching(/^REDIS_SENTINELS=redis-0\..*:26379,/));
    for (const off of ["backup.redis.enabled", "backup.enabled"])
      expect(agentOf({ [off]: false })).toEqual({ agent: { name: "backup-agent", env: [], secret: false }, others: [], volume: false });
  });

  test.each([{}, { ...bucket, "backup.repository.kind": "s3" }])(
    "is there for the restore drill as it is for the primary: %j",
    (values) => {
      const all = render(values);
      const kept = (name: string) => /^(backup|secret-backup|secret-bucket)$/.test(name);
      const of = (name: string) =>
        workload(all, name)
          .template.spec.volumes.map((volume) => volume.name)
          .filter(kept);
      expect(of("backup-drill")).toEqual(of("postgres"));
      expect(of("postgres")).toHaveLength(2);
    },
  );
});
