import * as Args from "@oclif/core/args";
import { pushBundle } from "../../../workflow/bundle/push-bundle.ts";
import { BaseCommand } from "../../base-command.ts";
import { bundlePorts } from "../../compose/bundle.ts";
import { connectRegistry } from "../../compose/registry.ts";
import { pushPresenter } from "../../presenters/push.ts";
import { registryAnswers, registryFlags } from "../../registry-answers.ts";

/** `migratectl bundle push`: the bundle's images into the client's registry. */
export default class BundlePush extends BaseCommand {
  static override summary = "push a bundle's images to a registry, straight from the file; only what is missing is sent";
  static override description =
    "Plans first (--dry-run shows the plan), sends each blob once, tags last, and reads everything back by digest. Run it again after any interruption: it goes on with what is missing.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> migrate-platform-1.0.0.bundle --registry registry.client.example/platform --registry-username push --registry-password-file ./password --registry-ca ./ca.pem",
    "<%= config.bin %> <%= command.id %> migrate-platform-1.0.0.bundle --answers migratectl.yaml --dry-run",
  ];
  static override args = { file: Args.string({ description: "bundle to push", required: true }) };
  static override flags = registryFlags;

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BundlePush);
    const globals = this.globals(flags);
    const registry = await connectRegistry(await registryAnswers(flags, globals), globals);
    return this.present(
      await pushBundle({ ...(await bundlePorts(globals)), registry }, args.file, globals.dryRun, globals.signal),
      pushPresenter,
    );
  }
}
