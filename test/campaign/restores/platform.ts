import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { answersFile } from "../../e2e/support/answers.ts";
import { PlatformDatabase } from "../../e2e/support/database.ts";
import { type E2eSite, type Ended, kubectl, migratectl } from "../../e2e/support/site.ts";

/** Sets that are kept: enough for windows on several timelines. */
const sets = 12;

/** An installed platform whose database is restored. */
export class RestoredPlatform {
  readonly release = "migrate-platform";
  private readonly site: E2eSite;
  private readonly namespace: string;
  private readonly answers: string;

  private constructor(site: E2eSite, namespace: string, answers: string) {
    this.site = site;
    this.namespace = namespace;
    this.answers = answers;
  }

  /** Installs the platform with profile trial into a namespace of its own, and makes the first full backup. */
  static async install(site: E2eSite, namespace: string): Promise<RestoredPlatform> {
    const answers = await answersFile(site, namespace, {
      release: { namespace },
      backup: { retentionFull: sets },
      // One client writes more in a second than a person does in a minute.
      values: { ingress: { rateLimitPerMinute: 60_000 } },
    });
    const platform = new RestoredPlatform(site, namespace, answers);
    await platform.must("install", "--airgap", "--bundle", site.bundle, "--yes");
    await platform.must("backup", "create", "--type", "full");
    return platform;
  }

  /** Runs `migratectl ARGS` on it. */
  async run(...args: readonly string[]): Promise<Ended> {
    return await migratectl(this.site, [...args, "--answers", this.answers, "--json"]);
  }

  /** Runs `migratectl ARGS` on it. @throws Error when it ends with another status than 0 */
  async must(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`${args.slice(0, 2).join(" ")} ended with ${code}: ${stdout}${stderr}`);
    return stdout;
  }

  /** What a query of the superuser gives, line by line. */
  async query(sql: string): Promise<readonly string[]> {
    const text = await new PlatformDatabase(this.site, this.namespace).sql(sql);
    return text.split("\n").filter((line) => line !== "");
  }

  /** Writes the certificate of its ingress into a file. */
  async certificate(): Promise<string> {
    const all = ["get", "secret", "--field-selector", "type=kubernetes.io/tls", "-o", "jsonpath={.items[0].data.tls\\.crt}"];
    const file = join(this.site.scratch, `${this.namespace}.crt`);
    await writeFile(file, Buffer.from(await kubectl(this.site, "-n", this.namespace, ...all), "base64"));
    return file;
  }

  /** Takes it down, with its data. */
  async remove(): Promise<void> {
    await this.must("uninstall", "--delete-data", "--confirm", this.release, "--yes");
    await kubectl(this.site, "delete", "namespace", this.namespace, "--wait=false");
  }
}
