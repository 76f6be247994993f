import * as Flags from "@oclif/core/flags";
import { Problem } from "../../domain/errors/problem.ts";
import type { IngressAddress } from "../../workflow/smoke/ingress-checks.ts";
import { planSmoke, runSmoke } from "../../workflow/smoke/run-smoke.ts";
import { BaseCommand } from "../base-command.ts";
import { clientFor, smokePorts } from "../compose/smoke.ts";
import { smokePlanPresenter, smokePresenter } from "../presenters/smoke.ts";
import { installedRelease, releaseFlags } from "../release-scope.ts";

/** `migratectl smoke`: use the platform once, from the front door to the database. */
export default class Smoke extends BaseCommand {
  static override summary = "use the platform once, from the front door to the database";
  static override description =
    "Asks every endpoint of the platform's contract through a tunnel to a ready backend pod (no cluster network is needed on this host), runs an assessment from POST to completed, " +
    "and goes through the ingress on a real connection: certificate, redirect, front page, runtime configuration. Every check runs and is told with what was asked and answered. Ends with 5 when one fails. " +
    "Leaves one finished assessment named `smoke test` and a cache key that expires; --dry-run tells what would be asked, and asks nothing of the platform.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --namespace client-acme --ingress-address 10.0.0.7",
    "<%= config.bin %> <%= command.id %> --ingress-address 10.0.0.7:30443 --ingress-http-port 30080 --json",
  ];
  static override flags = {
    ...releaseFlags,
    tenant: Flags.string({
      description: "tenant whose configuration is read and for which the assessment runs",
      helpValue: "ID",
      default: "default",
    }),
    "ingress-address": Flags.string({
      description: "where to connect for the ingress (default: the address it has published, then DNS)",
      helpValue: "HOST[:PORT]",
      env: "MIGRATECTL_INGRESS_ADDRESS",
    }),
    "ingress-http-port": Flags.integer({
      description: "port of plain HTTP at --ingress-address",
      helpValue: "PORT",
      min: 1,
      max: 65_535,
      dependsOn: ["ingress-address"],
    }),
    "expect-version": Flags.string({ description: "version that must answer (default: the one in Helm's record)", helpValue: "VERSION" }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Smoke);
    const globals = this.globals(flags);
    const { scope, context } = await installedRelease(flags, globals);
    const address = ingressAddress(flags["ingress-address"], flags["ingress-http-port"]);
    const target = {
      ...scope,
      wanted: flags["expect-version"] === undefined ? {} : { version: flags["expect-version"] },
      tenant: flags.tenant,
      ...(address === undefined ? {} : { ingressAddress: address }),
    };
    const ports = await smokePorts(await clientFor(globals, context));
    if (globals.dryRun) return this.present(await planSmoke(ports, target, globals.signal), smokePlanPresenter);
    const watcher = {
      onCheck: ({ title, verdict }: { readonly title: string; readonly verdict: string }) =>
        globals.progress.tell({ kind: "note", text: `${verdict}  ${title}` }),
    };
    return this.present(await runSmoke(ports, target, watcher, globals.signal), smokePresenter);
  }
}

function ingressAddress(text: string | undefined, httpPort: number | undefined): IngressAddress | undefined {
  if (text === undefined) return undefined;
  const parsed = URL.canParse(`https://${text}`) ? new URL(`https://${text}`) : undefined;
  if (parsed === undefined || parsed.hostname === "" || parsed.pathname !== "/" || parsed.search !== "") {
    throw new Problem("USAGE", {
      what: "--ingress-address is not HOST[:PORT]",
      fix: "Write it as 10.0.0.7 or ingress.client.example:8443.",
    });
  }
  const port = /:(\d+)$/.exec(text)?.[1];
  const host = parsed.hostname.replace(/^\[|\]$/g, "");
  return { host, ...(port === undefined ? {} : { httpsPort: Number(port) }), ...(httpPort === undefined ? {} : { httpPort }) };
}
