import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Writer } from "../../campaign/restores/writer.ts";
import { until } from "../../sandbox/until.ts";
import { PlatformDatabase } from "./database.ts";
import { type E2eSite, type Ended, kubectl, migratectl } from "./site.ts";

/** A platform that a client writes to through its API while something is done with it. */
export class LoadedPlatform {
  readonly answers: string;
  private readonly site: E2eSite;
  private readonly namespace: string;

  private constructor(site: E2eSite, namespace: string, answers: string) {
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
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`${args.slice(0, 2).join(" ")} ended with ${code}: ${stdout}${stderr}`);
    return stdout;
  }

  /** Writes the certificate of its ingress into a file. */
  async certificate(): Promise<string> {
    const all = ["get", "secret", "--field-selector", "type=kubernetes.io/tls", "-o", "jsonpath={.items[0].data.tls\\.crt}"];
    const file = join(this.site.scratch, `${this.namespace}.crt`);
    await writeFile(file, Buffer.from(await kubectl(this.site, "-n", this.namespace, ...all), "base64"));
    return file;
  }

  /**
   * Expects of everything that the writer was told since it was last taken: no request failed, which one that takes five seconds does, and every
   * acknowledged row is there, once. Tells the longest time between two answers.
   */
  async expectUnbroken(writer: Writer): Promise<void> {
    await writer.acknowledged(5);
    const rows = writer.take();
    expect(rows.filter(({ acknowledgedAt }) => acknowledgedAt === undefined)).toEqual([]);
    const answered = rows.flatMap(({ acknowledgedAt }) => (acknowledgedAt === undefined ? [] : [acknowledgedAt])).toSorted((a, b) => a - b);
    const longest = answered.reduce((most, at, index) => Math.max(most, at - (answered[index - 1] ?? at)), 0);
    process.stderr.write(`${rows.length} requests, longest gap ${longest} ms\n`);
    const found = await new PlatformDatabase(this.site, this.namespace).sql(
      "select substr(name, 5) from migration.assessment where name like 'row %'",
    );
    const times = new Map<number, number>();
    for (const number of found.split("\n").map(Number)) times.set(number, (times.get(number) ?? 0) + 1);
    expect(rows.filter(({ number }) => times.get(number) !== 1)).toEqual([]);
  }

  /** Takes it down, with its data. */
  async remove(): Promise<void> {
    await this.must("uninstall", "--delete-data", "--confirm", "migrate-platform", "--yes");
    await kubectl(this.site, "delete", "namespace", this.namespace, "--wait=false");
  }
}
