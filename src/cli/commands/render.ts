import { Flags } from "@oclif/core";
import { Problem } from "../../domain/errors/problem.ts";
import type { ReleaseOrigin } from "../../workflow/release/stage-release.ts";
import { renderToFolder } from "../../workflow/render-to-folder.ts";
import { answerFlags } from "../answer-flags.ts";
import { BaseCommand } from "../base-command.ts";
import { capabilitiesFor, openRelease, outputFolder, renderPorts } from "../compose/render.ts";
import { loadAnswers } from "../load-answers.ts";
import { renderPresenter } from "../presenters/render.ts";

/** `migratectl render`: values, manifests and documents, exactly as install would apply them. */
export default class Render extends BaseCommand {
  static override summary = "write values.yaml, the manifests and the client's documents, exactly as install would apply them";
  static override description =
    "The same answers, release and Kubernetes version give the same files, byte for byte, so that they can be kept in git. No file holds a secret. " +
    "Without --kube-version the cluster is asked for its version and its APIs.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --bundle migrate-platform-1.0.0.tar --answers migratectl.yaml --out rendered",
    "<%= config.bin %> <%= command.id %> --release bundles/1.0.0 --lock images.lock.json --registry registry.client.example/platform --ingress-host migrate.client.example --kube-version 1.34.4 --out rendered",
  ];
  static override flags = {
    ...answerFlags,
    bundle: Flags.string({
      description: "bundle to take the release from",
      helpValue: "FILE",
      env: "MIGRATECTL_BUNDLE",
      exclusive: ["release"],
    }),
    release: Flags.string({ description: "release folder to take the release from", helpValue: "DIR" }),
    lock: Flags.string({
      description: "images.lock.json that pins the release's images (default: the one in the release folder)",
      helpValue: "FILE",
      dependsOn: ["release"],
    }),
    out: Flags.string({ description: "folder that the files are written to", helpValue: "DIR", required: true }),
    "api-version": Flags.string({
      description: "API that optional parts look for, such as monitoring.coreos.com/v1; with --kube-version, where no cluster is asked",
      helpValue: "GROUP/VERSION[/KIND]",
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Render);
    const globals = this.globals(flags);
    const answers = await loadAnswers(flags, globals);
    const { close, helm, ...staged } = await openRelease(originOf(flags), globals.signal);
    try {
      const capabilities = await capabilitiesFor(answers, flags["api-version"], globals);
      const ports = { ...(await renderPorts(helm, globals)), folder: await outputFolder(flags.out) };
      const result = await renderToFolder({ answers, ...staged, capabilities }, ports, globals.dryRun, globals.signal);
      return await this.present(result, renderPresenter);
    } finally {
      await close();
    }
  }
}

function originOf({ bundle, release, lock }: { readonly [K in "bundle" | "release" | "lock"]?: string | undefined }): ReleaseOrigin {
  if (bundle !== undefined) return { kind: "bundle", path: bundle };
  if (release !== undefined) return { kind: "folder", path: release, lock };
  throw new Problem("USAGE", {
    what: "neither --bundle nor --release says which release to render",
    fix: "Give --bundle FILE (what the vendor sent), or --release bundles/VERSION in a clone.",
  });
}
