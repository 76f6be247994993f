import { statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { answersFile } from "./support/answers.ts";
import { PlatformDatabase } from "./support/database.ts";
import { type Bucket, startBucket } from "./support/object-store.ts";
import { howItEnded, kubectl, migratectl } from "./support/site.ts";

const site = inject("site");
const namespace = "bucket";
const release = "migrate-platform";
const [key, file] = [join(site.scratch, "bucket.key"), join(site.scratch, "bucket.export")];
const database = new PlatformDatabase(site, namespace);
let bucket: Bucket;
let answers = "";

const secret = (name: string) => database.kube("get", "secret", name, "-o", "jsonpath={.data}");
const rows = () => database.sql("select count(*) || ' ' || sum(id) from public.marker");
const run = async (...args: readonly string[]) => {
  const ended = await migratectl(site, [...args, "--answers", answers, "--json"]);
  expect(ended.code, howItEnded(ended)).toBe(0);
  for (const text of [ended.stdout, ended.stderr]) expect(text).not.toContain("canary-s3-secret");
  return JSON.parse(ended.stdout) as Readonly<Record<string, unknown>>;
};
const uninstall = () => run("uninstall", "--delete-data", "--confirm", release, "--yes");

beforeAll(async () => {
  bucket = await startBucket(site, 9443);
  answers = await answersFile(site, "bucket", { release: { namespace }, backup: { repository: bucket.repository } });
  await run("install", "--airgap", "--bundle", site.bundle, "--yes");
}, 600_000);

afterAll(async () => {
  await uninstall();
  await bucket.end();
  await kubectl(site, "delete", "namespace", namespace, "--wait=false");
});

describe("a platform whose backups are in a bucket", () => {
  let [whole, app, moment] = ["", "", ""];

  it("goes back to a moment", async () => {
    await database.sql("create table public.marker (id int primary key); insert into public.marker select generate_series(1, 1000)");
    await run("backup", "create", "--type", "full");
    whole = await rows();
    moment = await database.now();
    await database.sql("delete from public.marker where id > 500");
    expect(await run("backup", "restore", "--to-time", moment, "--yes", "--confirm", release)).toMatchObject({ outcome: "restored" });
    expect(await rows()).toBe(whole);
    await database.sql("insert into public.marker values (1001)");
    whole = await rows();
    await database.archived();
  });

  it("tries its backups", async () => {
    expect(await run("backup", "drill")).toMatchObject({ outcome: "passed" });
    expect(await run("backup", "verify")).toMatchObject({ verdict: "pass" });
  });

  it("can take them out of it as one file", async () => {
    const exported = await run("backup", "export", "--out", file);
    expect(exported).toMatchObject({ outcome: "exported", cipher: "aes-256-cbc", resumed: 0, bytes: statSync(file).size });
  });

  it("is there again in an empty cluster, from the bucket and the key, with its data and its secrets", async () => {
    app = await secret("app-secrets");
    await run("backup", "key", "--out", key);
    await uninstall();
    await kubectl(site, "delete", "namespace", namespace, "--timeout=3m");
    const again = ["install", "--airgap", "--bundle", site.bundle, "--from-backup", "repository", "--backup-encryption-key-file", key];
    expect(await run(...again, "--yes")).toMatchObject({ outcome: "installed" });
    expect(await rows()).toBe(whole);
    expect(JSON.parse(await secret("app-secrets"))).toEqual(JSON.parse(app));
    expect(await run("status")).toMatchObject({ profile: "trial" });
  }, 900_000);
});
