import * as Flags from "@oclif/core/flags";
import { doctor } from "../../workflow/doctor/doctor.ts";
import { fix } from "../../workflow/doctor/fix.ts";
import { BaseCommand } from "../base-command.ts";
import { doctorPorts, fixPorts } from "../compose/doctor.ts";
import { doctorPresenter } from "../presenters/doctor.ts";
import { installedRelease, releaseFlags } from "../release-scope.ts";

/** `migratectl doctor`: is the installed platform healthy, and what will break next? */
export default class Doctor extends BaseCommand {
  static override summary = "show whether the installed platform is healthy, and what will break next";
  static override description =
    "Reads only, unless --fix is given. Every check runs and every finding is told, with what was seen, why it matters and how to fix it: release, workloads and their images, jobs, secrets, certificates, volumes, quotas, " +
    "Redis, replicas, WAL archive, backups, restore drills, and what was left behind. What may not be read is unknown and keeps nothing else back. " +
    "Ends with 5 when a check fails, and with 0 otherwise, warnings and unknowns included: fit for monitoring. " +
    "--fix unlocks a release that a helm has left pending and at which nobody works any more, and deletes what runs of migratectl have left behind; never data, secrets or what others made.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --context prod --namespace client-acme",
    "<%= config.bin %> <%= command.id %> --json --timeout 2m",
    "<%= config.bin %> <%= command.id %> --fix --dry-run",
    "<%= config.bin %> <%= command.id %> --fix --yes",
  ];
  static override flags = {
    ...releaseFlags,
    fix: Flags.boolean({ description: "mend what is safe to mend, after a yes, and look again" }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Doctor);
    const globals = this.globals(flags);
    const { scope, context } = await installedRelease(flags, globals);
    if (flags.fix !== true)
      return this.present(await doctor(await doctorPorts(scope, globals, context), scope, globals.signal), doctorPresenter);
    const ports = await fixPorts(scope, globals, context);
    return this.present(await fix(ports, scope, { dryRun: globals.dryRun }, globals.signal), doctorPresenter);
  }
}
