import type { CatalogueEntry } from "../problem.ts";

/** Errors of the area "helm". */
export const helmErrors = {
  HELM_MISSING: {
    exit: "usage",
    title: "The helm program was not found",
    why: "migratectl applies the chart with helm: the one in MIGRATECTL_HELM, else on PATH, else in the bundle.",
    fix: "Install helm 4 (or 3.14 and newer), or set MIGRATECTL_HELM to its path; a bundle made with --tool helm=… carries it.",
  },
  HELM_TOO_OLD: {
    exit: "usage",
    title: "The helm program is too old",
    why: "migratectl needs helm 3.14 or newer; helm 4 is what it is tested with.",
    fix: "Install helm 4, or set MIGRATECTL_HELM to a newer one.",
  },
  HELM_FAILED: {
    exit: "attention",
    title: "helm ended with an error",
    why: "What helm said last stands above; its whole output is in the run directory.",
    fix: "Correct what helm names, then run the same command again: it goes on from there.",
  },
  CHART_REFUSED: {
    exit: "usage",
    title: "The chart does not accept these values",
    why: "The chart checks its values before anything is rendered, and one of them is missing, unknown or of the wrong type.",
    fix: "Correct what stands under `values:` in the answers (or --set); without either, this is a mistake in the release: tell the vendor.",
  },
  HELM_CONFLICT: {
    exit: "attention",
    title: "Somebody else changed what Helm is to change",
    why: "A field that the chart sets was set by another manager (kubectl edit, an operator, another tool); Helm's server-side apply does not take it over unasked.",
    fix: "See who owns the field with `kubectl get OBJECT --show-managed-fields -o yaml`, then run the same command with --take-over-conflicts if the chart's value is to win.",
  },
  HELM_FOREIGN_OBJECT: {
    exit: "attention",
    title: "An object of the wanted name belongs to somebody else",
    why: "It was made without Helm or by another release, and Helm does not take over what it did not make.",
    fix: "Choose another namespace with --namespace, or remove the object named above if nobody needs it.",
  },
  HELM_REMOVED_APIS: {
    exit: "attention",
    title: "The release is recorded in APIs that the cluster serves no more",
    why: "Kubernetes was upgraded since: Helm looks up every recorded object, and refuses where the cluster does not know its API any more.",
    fix: "Bring Helm's record to what is served with its plugin: `helm mapkubeapis RELEASE --namespace NAMESPACE`. Then run the same command again.",
  },
  HELM_STUCK: {
    exit: "attention",
    title: "The release is locked by a Helm operation that did not end",
    why: "A helm process was killed in the middle of its work, or another one is running right now.",
    fix: "If nobody is running helm on it now, run `migratectl install` again: it repairs a stuck release. Otherwise wait for the other operation.",
  },
} as const satisfies Record<string, CatalogueEntry>;
