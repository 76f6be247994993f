import type { WantedRelease } from "../../domain/smoke/judge-api.ts";
import type { Place } from "../../workflow/run/carry-out.ts";
import type { RunSmoke } from "../../workflow/steps/smoke.ts";
import type { ClusterRun } from "./cluster-run.ts";

/** The smoke test of a run; `wanted` is what must answer, as far as it is not to be taken from Helm's record. */
export function smokeOf<Start extends Place>(
  { client }: Pick<ClusterRun, "client">,
  wanted: (start: Start) => WantedRelease,
): RunSmoke<Start> {
  return async (start, { signal, advance }) => {
    const { smokePorts } = await import("./smoke.ts");
    const { runSmoke, smokeFailed } = await import("../../workflow/smoke/run-smoke.ts");
    let done = 0;
    const onCheck = ({ title }: { readonly title: string }) => {
      done += 1;
      advance({ done, unit: "items", note: title });
    };
    const target = { release: start.name, namespace: start.namespace, wanted: wanted(start) };
    const report = await runSmoke(await smokePorts(client), target, { onCheck }, signal);
    const count = (verdict: string) => report.checks.filter((check) => check.verdict === verdict).length;
    if (count("fail") > 0) throw smokeFailed(report);
    return { passed: count("pass"), warned: count("warn"), skipped: count("skipped") };
  };
}
