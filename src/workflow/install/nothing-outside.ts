import type { Answers } from "../../domain/answers/answers.ts";
import { Problem } from "../../domain/errors/problem.ts";
import { outsideReferences } from "../../domain/manifest/images.ts";
import type { Rendered } from "../render/render-release.ts";

/** Proves that every image of the manifests comes from the registry of the answers. @throws Problem INSTALL_OUTSIDE_REFERENCE */
export function proveNothingOutside({ manifests }: Pick<Rendered, "manifests">, { registry }: Pick<Answers, "registry">): void {
  const outside = outsideReferences(manifests, registry.host);
  if (outside.length === 0) return;
  throw new Problem("INSTALL_OUTSIDE_REFERENCE", {
    what: `${outside.length} image references are not in ${registry.host}: ${outside.join(", ")}`,
    data: { outside },
  });
}
