import { join } from "node:path";
import * as Flags from "@oclif/core/flags";
import { Problem } from "../../../domain/errors/problem.ts";
import { platformSchema } from "../../../domain/release/release.ts";
import { createBundle, type ToolFile } from "../../../workflow/bundle/create.ts";
import { BaseCommand } from "../../base-command.ts";
import { createPorts } from "../../compose/bundle.ts";
import { createdPresenter } from "../../presenters/bundle.ts";
import { registryAnswers, registryFlags } from "../../registry-answers.ts";

/** `migratectl bundle create`: one file with everything that an installation without internet needs. */
export default class BundleCreate extends BaseCommand {
  static override summary = "make an air-gap bundle of a release: images by digest for all platforms, chart and tools in one file";
  static override description =
    "The images come from an OCI layout (--oci-layout) or from the registry that release.yaml or --registry names, always by the digests of images.lock.json. " +
    "Everything is checked while it is copied; the same input gives the same bytes. --dry-run reads the manifests and tells content, size and digest.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --release bundles/1.0.0 --oci-layout dist/images --tool helm=linux/amd64:/usr/local/bin/helm --out migrate-platform-1.0.0.bundle",
    "<%= config.bin %> <%= command.id %> --release bundles/1.0.0 --registry vendor.example/release --registry-username ci --registry-password-file ./password --out migrate-platform-1.0.0.bundle",
  ];
  static override flags = {
    release: Flags.string({ description: "folder with the release's release.yaml", helpValue: "DIR", required: true }),
    out: Flags.string({ description: "bundle to write", helpValue: "FILE", required: true }),
    "oci-layout": Flags.string({ description: "OCI image layout that holds the images", helpValue: "DIR" }),
    lock: Flags.string({
      description: "images.lock.json that pins the images (default: the one in the layout, else beside release.yaml)",
      helpValue: "FILE",
    }),
    tool: Flags.custom<ToolFile>({
      description: "program that the bundle carries for the jump host; may be given several times",
      helpValue: "NAME=OS/ARCH:PATH",
      multiple: true,
      multipleNonGreedy: true,
      parse: async (text) => parseTool(text),
    })(),
    ...registryFlags,
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BundleCreate);
    const globals = this.globals(flags);
    const layout = flags["oci-layout"];
    const origin = layout === undefined ? { registry: (host: string | undefined) => registryAnswers(flags, globals, host) } : { layout };
    const lock = flags.lock ?? join(layout ?? flags.release, "images.lock.json");
    const request = { release: flags.release, lock, tools: flags.tool ?? [], out: flags.out, dryRun: globals.dryRun };
    return this.present(await createBundle(await createPorts(origin, globals), request, globals.signal), createdPresenter);
  }
}

function parseTool(text: string): ToolFile {
  const [, name, platform, path] = /^([a-z0-9][a-z0-9.-]*)=([^:]+):(.+)$/.exec(text) ?? [];
  if (name === undefined || platform === undefined || path === undefined || !platformSchema.safeParse(platform).success) {
    throw new Problem("USAGE", {
      what: `--tool ${text} is not NAME=OS/ARCH:PATH`,
      fix: "Write it as --tool helm=linux/amd64:/usr/local/bin/helm.",
    });
  }
  return { name, platform, path };
}
