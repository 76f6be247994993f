import { doctor } from "../../workflow/doctor/doctor.ts";
import { BaseCommand } from "../base-command.ts";
import { doctorPorts } from "../compose/doctor.ts";
import { doctorPresenter } from "../presenters/doctor.ts";
import { installedRelease, releaseFlags } from "../release-scope.ts";

/** `migratectl doctor`: is the installed platform healthy, and what will break next? */
export default class Doctor extends BaseCommand {
  static override summary = "show whether the installed platform is healthy, and what will break next";
  static override description =
    "Reads only. Every check runs and every finding is told, with what was seen, why it matters and how to fix it: release, workloads and their images, jobs, secrets, certificates, volumes, quotas, " +
    "Redis, replicas, WAL archive, backups, restore drills, and what was left behind. What may not be read is unknown and keeps nothing else back. " +
    "Ends with 5 when a check fails, and with 0 otherwise, warnings and unknowns included: fit for monitoring.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --context prod --namespace client-acme",
    "<%= config.bin %> <%= command.id %> --json --timeout 2m",
  ];
  static override flags = { ...releaseFlags };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Doctor);
    const globals = this.globals(flags);
    const { scope, context } = await installedRelease(flags, globals);
    return this.present(await doctor(await doctorPorts(scope, globals, context), scope, globals.signal), doctorPresenter);
  }
}
