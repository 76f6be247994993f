import { apiText, removedAmong } from "../src/domain/upgrade/removed-apis.ts";
import type { Check } from "./check.ts";
import { fail, pass, some, unread } from "./judgement.ts";

/** Does the cluster serve every API that the release is written in, and those in which Helm has recorded the one that is installed? */
export const removedApis: Check = {
  id: "removed-apis",
  title: "APIs of the release",
  why: "A new Kubernetes drops old APIs: an object in one of them is refused in the middle of an installation, and Helm refuses to touch a release that it has recorded in one.",
  needs: ["discovery", "rendered", "recordedApis"],
  assess({ facts: { discovery, recordedApis, cluster }, wanted: rendered }) {
    const wanted = "every API of the release is served";
    if (discovery.kind !== "known") return [unread(discovery, wanted)];
    if (rendered.kind !== "known") return [unread(rendered, wanted)];
    const refused = removedAmong(rendered.value.apis, discovery.value).map(apiText);
    if (refused.length > 0)
      return [
        fail(
          `Kubernetes ${cluster.version} does not serve ${some(refused)}`,
          wanted,
          "Use a release that is made for this Kubernetes; a part of it that is asked for under `values` needs its operator installed first.",
        ),
      ];
    const recorded = recordedApis.kind === "known" ? removedAmong(recordedApis.value, discovery.value).map(apiText) : [];
    if (recorded.length === 0) return [pass(`${rendered.value.apis.length} kinds of objects, all served`, wanted)];
    return [pass(`all are served; Helm's record of the installed release will be brought along: ${some(recorded)}`, wanted)];
  },
};
