import * as Flags from "@oclif/core/flags";
import { history } from "../../workflow/status/history.ts";
import { BaseCommand } from "../base-command.ts";
import { clusterObjects } from "../compose/cluster-run.ts";
import { installedProfile } from "../compose/installed-profile.ts";
import { historyPresenter } from "../presenters/history.ts";
import { installedRelease, releaseFlags } from "../release-scope.ts";

/** `migratectl history`: who did what to a release, when, and how it ended. */
export default class History extends BaseCommand {
  static override summary = "show what was done to the release: who, when, with which bundle, and how it ended";
  static override description =
    "Reads the record that the cluster keeps. Each entry carries the hash of the one before; --verify walks the chain and fails where it does not hold.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> -n migrate-platform",
    "<%= config.bin %> <%= command.id %> --verify --json",
  ];
  static override flags = {
    ...releaseFlags,
    verify: Flags.boolean({ description: "check the hash chain of the record" }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(History);
    const globals = this.globals(flags);
    const { scope, context } = await installedRelease(flags, globals);
    const { client, objects } = await clusterObjects(globals, context);
    const told = await history(objects, scope.namespace, flags.verify === true, globals.signal);
    return this.present({ ...told, profile: await installedProfile(client, scope, globals.signal) }, historyPresenter);
  }
}
