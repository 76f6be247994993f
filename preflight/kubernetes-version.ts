import semver from "semver";
import type { Check, ReleaseInput } from "./check.ts";
import { fail, pass, unknown } from "./judgement.ts";

const oldest = ">=1.24.0-0";

/** Is the cluster new enough for the release? */
export const kubernetesVersion: Check<ReleaseInput> = {
  id: "kubernetes-version",
  title: "Kubernetes version",
  why: "Older clusters lack APIs that the chart uses, and fail in the middle of the installation.",
  needs: ["cluster"],
  assess({ facts, release }) {
    const range = release?.kubernetes ?? oldest;
    const wanted = release === undefined ? "1.24 or newer" : `${range}, as release ${release.version} asks`;
    const seen = facts.cluster.version;
    const version = semver.coerce(seen);
    if (version === null) return [unknown(`"${seen}" is no version`, wanted, "Look at: kubectl version")];
    if (semver.satisfies(version, range, { includePrerelease: true }) && semver.satisfies(version, oldest)) return [pass(seen, wanted)];
    return [fail(seen, wanted, "Upgrade the cluster, or take a release that supports this version.")];
  },
};
