import type { Check } from "./check.ts";
import { fail, pass } from "./judgement.ts";

/** Is helm on this host? */
export const hostHelm: Check = {
  id: "host-helm",
  title: "Helm on this host",
  why: "Helm renders and applies the chart.",
  needs: ["host"],
  assess({ facts: { host } }) {
    const wanted = "helm 3.14 or newer";
    if (host.helm.kind === "known") return [pass(`helm ${host.helm.value}`, wanted)];
    return [
      fail(
        host.helm.message,
        wanted,
        "Install helm, put it on PATH, or point MIGRATECTL_HELM to it; a bundle made with --tool carries one.",
      ),
    ];
  },
};
