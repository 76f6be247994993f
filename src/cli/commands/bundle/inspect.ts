import * as Args from "@oclif/core/args";
import { inspectBundle } from "../../../workflow/bundle/inspect.ts";
import { BaseCommand } from "../../base-command.ts";
import { bundlePorts } from "../../compose/bundle.ts";
import { bundlePresenter } from "../../presenters/bundle.ts";

/** `migratectl bundle inspect`: what a bundle holds, from its head alone. */
export default class BundleInspect extends BaseCommand {
  static override summary = "show what a bundle holds: images, sizes, platforms, upgrade range; reads only the head of the file";
  static override examples = [
    "<%= config.bin %> <%= command.id %> migrate-platform-1.0.0.bundle",
    "<%= config.bin %> <%= command.id %> migrate-platform-1.0.0.bundle --json",
  ];
  static override args = { file: Args.string({ description: "bundle to look at", required: true }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BundleInspect);
    const globals = this.globals(flags);
    const { bundles } = await bundlePorts(globals);
    return this.present(await inspectBundle(bundles, args.file, globals.signal), bundlePresenter);
  }
}
