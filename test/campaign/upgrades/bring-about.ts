import { assertNever } from "../../../src/domain/assert-never.ts";
import { takeAway } from "../outage.ts";
import type { WatchedRun } from "../watched-run.ts";
import { denyByPolicy, denyByWebhook, drainNode, killApiServer, type Mend, refuseByQuota } from "./cluster-faults.ts";
import { breakMigration, holdLock } from "./database-faults.ts";
import { forgetImage, type KeptImage } from "./image-faults.ts";
import type { UpgradedPlatform } from "./platform.ts";
import type { Fault } from "./rounds.ts";
import { fillDisk } from "./small-disk.ts";

const nothing: Mend = async () => undefined;

/** Makes it go wrong; gives what takes the fault away again. */
export async function bringAbout(fault: Fault, platform: UpgradedPlatform, run: WatchedRun, backend: KeptImage): Promise<Mend> {
  switch (fault) {
    case "image-missing":
      return await forgetImage(platform, backend);
    case "image-crashes":
      // The answers that the command was given make it so.
      return nothing;
    case "migration-fails":
      return await breakMigration(platform);
    case "migration-hangs":
      return await holdLock(platform);
    case "quota":
      return await refuseByQuota(platform);
    case "policy":
      return await denyByPolicy(platform, backend.digest);
    case "webhook":
      return await denyByWebhook(platform, "1.1.0");
    case "drain":
      return await drainNode(platform);
    case "disk-full":
      return await fillDisk(platform);
    case "api-killed":
      return await killApiServer(platform);
    case "api-gone":
      return await takeAway(platform.site.sandbox, "refuse");
    case "killed":
      run.send("KILL", "group");
      return nothing;
    default:
      return assertNever(fault);
  }
}
