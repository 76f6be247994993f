import * as Flags from "@oclif/core/flags";

/** Flags of commands that bring a release to the cluster: where it comes from, and how it is applied. */
export const originFlags = {
  bundle: Flags.string({
    description: "bundle that the release comes from; its images are pushed to the registry first",
    helpValue: "FILE",
    env: "MIGRATECTL_BUNDLE",
    exclusive: ["release"],
  }),
  release: Flags.string({
    description: "release folder instead of a bundle; the registry has the images already",
    helpValue: "DIR",
  }),
  lock: Flags.string({
    description: "images.lock.json that pins the release's images (default: the one in the release folder)",
    helpValue: "FILE",
    dependsOn: ["release"],
  }),
  airgap: Flags.boolean({
    description: "prove that every image comes from the registry, before anything is touched",
    dependsOn: ["bundle"],
  }),
  "take-over-conflicts": Flags.boolean({
    description: "where somebody else changed a field that the chart sets, let the chart's value win",
  }),
};
