import { createHash } from "node:crypto";
import { z } from "zod";
import { answersFile } from "../../e2e/support/answers.ts";
import { PlatformDatabase } from "../../e2e/support/database.ts";
import { LoadedPlatform } from "../../e2e/support/loaded-platform.ts";
import type { E2eSite } from "../../e2e/support/site.ts";
import { runInside } from "../../sandbox/index.ts";

const versionSchema = z.object({ version: z.string(), schemaRevision: z.string() });
const secretsSchema = z.object({
  items: z.array(
    z.object({ metadata: z.object({ name: z.string() }), type: z.string(), data: z.record(z.string(), z.string()).optional() }),
  ),
});

/** What takes the expansion of 1.1.0 back, so that its migration runs again in the next round. */
const contractTo0002 = `begin; set local lock_timeout = '60s';
  drop trigger if exists keep_outcome_and_summary_equal on migration.assessment;
  drop function if exists migration.keep_outcome_and_summary_equal();
  alter table migration.assessment drop column if exists outcome, drop column if exists priority, drop column if exists completed_at;
  alter table migration.agent_discovered_patterns drop column if exists confidence;
  delete from migration.schema_compatibility where revision = '0003';
  update migration.alembic_version set version_num = '0002'; commit`;

/** An installed platform that is upgraded from 1.0.0 again and again. */
export class UpgradedPlatform extends LoadedPlatform {
  readonly database: PlatformDatabase;
  /** Answers with which the new backend ends as soon as it is started. */
  readonly crashing: string;
  override readonly site: E2eSite;
  override readonly namespace: string;

  private constructor(site: E2eSite, namespace: string, answers: string, crashing: string) {
    super(site, namespace, answers);
    [this.site, this.namespace, this.crashing] = [site, namespace, crashing];
    this.database = new PlatformDatabase(site, namespace);
  }

  /** Installs the site's bundle of 1.0.0 with profile trial into a namespace of its own, and waits for the first backup. */
  static async make(site: E2eSite, namespace: string): Promise<UpgradedPlatform> {
    // One client writes more in a second than a person does in a minute.
    const values = { ingress: { rateLimitPerMinute: 60_000 } };
    const answers = await answersFile(site, namespace, { release: { namespace }, values });
    const crashing = { ...values, backend: { env: [{ name: "STATE_TTL_SECONDS", value: "never" }] } };
    const others = await answersFile(site, `${namespace}-crashing`, { release: { namespace }, values: crashing });
    await LoadedPlatform.install(site, namespace, answers);
    return new UpgradedPlatform(site, namespace, answers, others);
  }

  /** What the API says that it is, and on which schema. @throws Error when it does not answer */
  async version(): Promise<z.infer<typeof versionSchema>> {
    const address = (await this.database.kube("get", "service", "backend", "-o", "jsonpath={.spec.clusterIP}")).trim();
    const answer = await runInside(this.site.sandbox, ["curl", "-sf", "--max-time", "5", `http://${address}:8000/api/v1/version`]);
    return versionSchema.parse(JSON.parse(answer));
  }

  /** sha256 of the content of every Secret of the platform but Helm's records and the kept answers, by name. */
  async secrets(): Promise<ReadonlyMap<string, string>> {
    const { items } = secretsSchema.parse(JSON.parse(await this.database.kube("get", "secrets", "-o", "json")));
    const hash = (data: Readonly<Record<string, string>>): string =>
      createHash("sha256")
        .update(JSON.stringify(Object.entries(data).toSorted()))
        .digest("hex");
    return new Map(items.flatMap(({ metadata, type, data = {} }) => (type.startsWith("helm.sh/") ? [] : [[metadata.name, hash(data)]])));
  }

  /** Brings 1.0.0 back on the schema that it was installed with. @throws Error when it does not */
  async asInstalled(): Promise<void> {
    if ((await this.version()).version !== "1.0.0") await this.must("rollback", "--yes");
    await this.database.sql(contractTo0002);
  }

  /** Where the volume of Postgres lies on the node. */
  async volume(): Promise<string> {
    const claim = await this.database.kube("get", "persistentvolumeclaim", "data-postgres-0", "-o", "jsonpath={.spec.volumeName}");
    const at = "jsonpath={.spec.hostPath.path}{.spec.local.path}";
    return (await this.database.kube("get", "persistentvolume", claim.trim(), "-o", at)).trim();
  }
}
