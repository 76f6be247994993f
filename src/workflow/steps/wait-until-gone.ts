import { Problem } from "../../domain/errors/problem.ts";
import type { ClusterObjects, LabelledKind, LabelledObject, Labels } from "../../ports/cluster-objects.ts";
import type { StepContext } from "../run/step.ts";

const pause = 1_000;

/** Waits until no object of the kind with these labels is left. `deadline` in milliseconds. @throws Problem UNINSTALL_STUCK, which names what holds it */
export async function waitUntilGone(
  objects: ClusterObjects,
  what: { readonly namespace: string; readonly kind: LabelledKind; readonly labels: Labels },
  deadline: number,
  { clock, signal, view }: Pick<StepContext, "clock" | "signal" | "view">,
): Promise<void> {
  const end = clock.now().getTime() + deadline;
  for (;;) {
    const left = await objects.listLabelled(what.namespace, what.kind, what.labels, signal);
    if (left.length === 0) return;
    if (clock.now().getTime() >= end) throw stuck(what.namespace, left);
    view(left.map(describe));
    await clock.pause(pause, signal);
  }
}

function stuck(namespace: string, left: readonly LabelledObject[]): Problem {
  const names = left.map(describe).join(", ");
  const [first] = left;
  return new Problem("UNINSTALL_STUCK", {
    what: `still there: ${names}`,
    ...(first === undefined
      ? {}
      : {
          fix: `Look at it with: kubectl -n ${namespace} describe ${first.kind.toLowerCase()} ${first.name}. Then run the same command again.`,
        }),
  });
}

function describe({ kind, name, finalizers }: LabelledObject): string {
  return `${kind}/${name}${finalizers.length === 0 ? "" : ` (held by ${finalizers.join(", ")})`}`;
}
