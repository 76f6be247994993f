import { answersFile } from "../../e2e/support/answers.ts";
import { PlatformDatabase } from "../../e2e/support/database.ts";
import { LoadedPlatform } from "../../e2e/support/loaded-platform.ts";
import type { E2eSite } from "../../e2e/support/site.ts";

/** Sets that are kept: enough for windows on several timelines. */
const sets = 12;

/** An installed platform whose database is restored. */
export class RestoredPlatform extends LoadedPlatform {
  readonly release = "migrate-platform";

  /** Installs the platform with profile trial into a namespace of its own, and makes a full backup. */
  static async make(site: E2eSite, namespace: string): Promise<RestoredPlatform> {
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

  /** What a query of the superuser gives, line by line. */
  async query(sql: string): Promise<readonly string[]> {
    const text = await new PlatformDatabase(this.site, this.namespace).sql(sql);
    return text.split("\n").filter((line) => line !== "");
  }
}
