import * as Flags from "@oclif/core/flags";
import type { MissingInput } from "../../domain/answers/missing.ts";
import { renderToFolder } from "../../workflow/render/render-to-folder.ts";
import { answerFlags } from "../answer-flags.ts";
import { BaseCommand } from "../base-command.ts";
import { capabilitiesFor, openRelease, outputFolder, renderPorts, settledAnswers } from "../compose/render.ts";
import { loadAnswers } from "../load-answers.ts";
import { bundleInput, missingInput, originOf } from "../missing-input.ts";
import { renderPresenter } from "../presenters/render.ts";

const outInput: MissingInput = { flag: "out", value: "DIR", help: "folder that the files are written to" };

/** `migratectl render`: values, manifests and documents, exactly as install would apply them. */
export default class Render extends BaseCommand {
  static override summary = "write values.yaml, the manifests and the client's documents, exactly as install would apply them";
  static override description =
    "The same answers, release and Kubernetes version give the same files, byte for byte, so that they can be kept in git. No file holds a secret. " +
    "Without --kube-version the cluster is asked for its version and its APIs.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --bundle migrate-platform-1.0.0.bundle --answers migratectl.yaml --out rendered",
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
    out: Flags.string({ description: "(required) folder that the files are written to", helpValue: "DIR" }),
    "api-version": Flags.string({
      description: "API that optional parts look for, such as monitoring.coreos.com/v1; with --kube-version, where no cluster is asked",
      helpValue: "GROUP/VERSION[/KIND]",
      multiple: true,
      multipleNonGreedy: true,
    }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Render);
    const globals = this.globals(flags);
    const origin = originOf(flags);
    if (origin === undefined || flags.out === undefined)
      throw await missingInput(flags, globals, [
        ...(flags.out === undefined ? [outInput] : []),
        ...(origin === undefined ? [bundleInput] : []),
      ]);
    const asked = await loadAnswers(flags, globals);
    const { close, helm, ...staged } = await openRelease(origin, globals.signal);
    try {
      const capabilities = await capabilitiesFor(asked, flags["api-version"] ?? [], globals);
      const answers = await settledAnswers(asked, globals);
      const ports = { ...(await renderPorts(helm, globals)), folder: await outputFolder(flags.out) };
      const result = await renderToFolder({ answers, ...staged, capabilities }, ports, globals.dryRun, globals.signal);
      return await this.present(result, renderPresenter);
    } finally {
      await close();
    }
  }
}
