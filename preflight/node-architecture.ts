import type { NodeFact } from "../src/domain/facts/node.ts";
import type { Check, ReleaseInput } from "./check.ts";
import { count, fail, pass, some, unknown, unread, warn } from "./judgement.ts";
import { usableNodes } from "./usable-nodes.ts";

const supported = ["linux/amd64", "linux/arm64"];

/** Does every node's platform have images? */
export const nodeArchitecture: Check<ReleaseInput> = {
  id: "node-architecture",
  title: "Node platforms",
  why: "A pod on a node without an image for its platform never starts (exec format error, or no match for platform).",
  needs: ["nodes"],
  assess({ facts: { nodes }, release }) {
    const platforms = release === undefined ? supported : commonPlatforms(release.images);
    const wanted = `nodes of ${platforms.join(", ")}${release === undefined ? "" : ` (images of release ${release.version})`}`;
    if (nodes.kind !== "known") return [unread(nodes, wanted)];
    const usable = usableNodes(nodes.value);
    const byPlatform = Map.groupBy(usable, platformOf);
    const seen =
      [...byPlatform]
        .map(([platform, group]) => `${platform || "unknown platform"} (${count(group.length, "node")})`)
        .sort()
        .join(", ") || "no usable node";
    const other = usable.filter((node) => !platforms.includes(platformOf(node)));
    if (other.length === 0 && usable.length > 0) return [pass(seen, wanted)];
    if (usable.length === 0) return [fail(seen, wanted, "Make nodes ready: see the check node-conditions.")];
    if (other.every((node) => node.architecture === ""))
      return [unknown(seen, wanted, "Look at: kubectl get nodes -L kubernetes.io/arch,kubernetes.io/os")];
    const names = some(other.map(({ name }) => name));
    if (other.length === usable.length)
      return [fail(seen, wanted, `Add nodes of ${platforms.join(" or ")}, or take a bundle with images for these.`)];
    return [
      warn(
        seen,
        wanted,
        `Keep the release off ${names}: taint these nodes, or set nodeSelector kubernetes.io/arch in the answers' values.`,
      ),
    ];
  },
};

function platformOf({ os, architecture }: NodeFact): string {
  return architecture === "" ? "" : `${os || "linux"}/${architecture}`;
}

/** Platforms that every image of the release has; a variant (`linux/arm64/v8`) counts as its architecture. */
function commonPlatforms(images: readonly { readonly platforms: readonly string[] }[]): readonly string[] {
  const sets = images.map(({ platforms }) => new Set(platforms.map((platform) => platform.split("/").slice(0, 2).join("/"))));
  return [...(sets[0] ?? [])].filter((platform) => sets.every((set) => set.has(platform))).sort();
}
