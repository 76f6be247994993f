import * as Args from "@oclif/core/args";
import { verifyBundle } from "../../../workflow/bundle/verify.ts";
import { BaseCommand } from "../../base-command.ts";
import { bundlePorts } from "../../compose/bundle.ts";
import { verifiedPresenter } from "../../presenters/bundle.ts";

/** `migratectl bundle verify`: every blob and file hashed. */
export default class BundleVerify extends BaseCommand {
  static override summary = "check every blob and file of a bundle against its digest; what is altered, missing or superfluous is named";
  static override description =
    "Needs neither network nor free disk. Compare the digest that it prints with the one the vendor tells you: it names the whole content.";
  static override examples = ["<%= config.bin %> <%= command.id %> migrate-platform-1.0.0.bundle"];
  static override args = { file: Args.string({ description: "bundle to check", required: true }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BundleVerify);
    const globals = this.globals(flags);
    return this.present(await verifyBundle(await bundlePorts(globals), args.file, globals.signal), verifiedPresenter);
  }
}
