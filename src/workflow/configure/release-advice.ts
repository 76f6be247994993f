import { releaseChecks } from "../../../preflight/checks.ts";
import { judge } from "../../../preflight/judge.ts";
import type { Release } from "../../domain/release/release.ts";
import type { ClusterOffer } from "../../ports/cluster-offers.ts";

/** What a release has to say to whoever answers for it. */
export interface ReleaseAdvice {
  /** Which release it is, and what a person has to know before going to it. */
  readonly intro: readonly string[];
  /** Paths of answers that a person has to give because of it. */
  readonly asks: ReadonlySet<string>;
  /** What preflight finds against a cluster for this release, each with what to do about it; empty when nothing. */
  remarks(cluster: Pick<ClusterOffer, "version" | "nodes">): readonly string[];
}

/** What a release of a bundle has to say. Pure. */
export function releaseAdvice(release: Release): ReleaseAdvice {
  return {
    intro: [`These answers are for release ${release.version}.`, ...release.notes.map(({ text }) => text)],
    asks: new Set(release.notes.flatMap(({ answers }) => answers)),
    remarks: ({ version, nodes }) =>
      judge(releaseChecks, { facts: { cluster: { version }, nodes }, release }, new Map()).flatMap(
        ({ verdict, title, seen, wanted, fix }) => (verdict === "pass" ? [] : [`${title}: ${seen}; wanted: ${wanted}. ${fix ?? ""}`]),
      ),
  };
}
