import type { InstallStart } from "../../workflow/install/install-start.ts";
import type { RunSmoke } from "../../workflow/steps/smoke.ts";
import type { ClusterRun } from "./cluster-run.ts";

/** The smoke test of an installation: the release's version and schema revision are what it must answer. */
export function installSmoke({ client }: ClusterRun): RunSmoke<InstallStart> {
  return async ({ name, namespace, release }, { signal, advance }) => {
    const { smokePorts } = await import("./smoke.ts");
    const { runSmoke, smokeFailed } = await import("../../workflow/smoke/run-smoke.ts");
    let done = 0;
    const onCheck = ({ title }: { readonly title: string }) => {
      done += 1;
      advance({ done, unit: "items", note: title });
    };
    const target = { release: name, namespace, wanted: { version: release.version, schemaRevision: release.schema.to } };
    const report = await runSmoke(await smokePorts(client), target, { onCheck }, signal);
    const count = (verdict: string) => report.checks.filter((check) => check.verdict === verdict).length;
    if (count("fail") > 0) throw smokeFailed(report);
    return { passed: count("pass"), warned: count("warn"), skipped: count("skipped") };
  };
}
