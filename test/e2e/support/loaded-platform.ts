import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../../sandbox/until.ts";
import { PlatformDatabase } from "./database.ts";
import { type E2eSite, type Ended, howItEnded, kubectl, migratectl } from "./site.ts";

/** A platform that a client writes to through its API while something is done with it. */
export class LoadedPlatform {
  readonly answers: string;
  protected readonly site: E2eSite;
  protected readonly namespace: string;

  protected constructor(site: E2eSite, namespace: string, answers: string) {
    [this.site, this.namespace, this.answers] = [site, namespace, answers];
  }

  /** Installs the site's bundle with these answers. */
  static async install(site: E2eSite, namespace: string, answers: string): Promise<LoadedPlatform> {
    const platform = new LoadedPlatform(site, namespace, answers);
    await platform.must("install", "--airgap", "--bundle", site.bundle, "--yes");
    // The first backup is made by itself; a restore point stands on one.
    const label = async () => /"label"/.test((await platform.run("backup", "list")).stdout) || undefined;
    await until("the first backup", label, { deadlineMs: 180_000, pauseMs: 2000 });
    return platform;
  }

  /** The same platform, called with other answers. */
  with(answers: string): LoadedPlatform {
    return new LoadedPlatform(this.site, this.namespace, answers);
  }

  /** Runs `migratectl ARGS --json` on it. */
  async run(...args: readonly string[]): Promise<Ended> {
    return await migratectl(this.site, [...args, "--answers", this.answers, "--json"]);
  }

  /** Runs `migratectl ARGS --json` on it, and gives what it prints. @throws Error when it ends with another status than 0 */
  async must(...args: readonly string[]): Promise<string> {
    const ended = await this.run(...args);
    if (ended.code !== 0) throw new Error(`${args.slice(0, 2).join(" ")} ${howItEnded(ended)}`);
    return ended.stdout;
  }

  /** Writes the certificate of its ingress into a file. */
  async certificate(): Promise<string> {
    const all = ["get", "secret", "--field-selector", "type=kubernetes.io/tls", "-o", "jsonpath={.items[0].data.tls\\.crt}"];
    const file = join(this.site.scratch, `${this.namespace}.crt`);
    await writeFile(file, Buffer.from(await kubectl(this.site, "-n", this.namespace, ...all), "base64"));
    return file;
  }

  /** The numbers of the rows that clients have written, one for each time that it is there. */
  async rows(): Promise<readonly number[]> {
    const names = "select substr(name, 5) from migration.assessment where name like 'row %'";
    return (await new PlatformDatabase(this.site, this.namespace).sql(names)).split("\n").map(Number);
  }

  /** Takes it down, with its data. */
  async remove(): Promise<void> {
    await this.must("uninstall", "--delete-data", "--confirm", "migrate-platform", "--yes");
    await kubectl(this.site, "delete", "namespace", this.namespace, "--wait=false");
  }
}
