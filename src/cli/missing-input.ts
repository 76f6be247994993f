import { type MissingInput, missingFields, missingProblem } from "../domain/answers/missing.ts";
import { checkedDraft } from "../domain/answers/resolve.ts";
import type { Problem } from "../domain/errors/problem.ts";
import type { ReleaseOrigin } from "../workflow/release/stage-release.ts";
import type { Globals } from "./global-flags.ts";
import { answerSources, type ParsedFlags } from "./load-answers.ts";

/** What stands for "which release": a bundle, or a folder in a clone. */
export const bundleInput: MissingInput = {
  flag: "bundle",
  value: "FILE",
  variable: "MIGRATECTL_BUNDLE",
  help: "the bundle that the vendor sent; or, in a clone, --release bundles/VERSION",
};

/** Where the release comes from, as --bundle, --release and --lock say; undefined when none of them does. */
export function originOf({
  bundle,
  release,
  lock,
}: { readonly [K in "bundle" | "release" | "lock"]?: string | undefined }): ReleaseOrigin | undefined {
  if (bundle !== undefined) return { kind: "bundle", path: bundle };
  return release === undefined ? undefined : { kind: "folder", path: release, lock };
}

/**
 * The error for a command whose own flags lack something, with the answers that are missing besides, so that all of it is told at once; nobody is
 * asked questions for a command that cannot go on anyway.
 * @throws Problem ANSWERS_* for answers that are wrong, FILE_UNREADABLE
 */
export async function missingInput(flags: ParsedFlags, globals: Globals, lacking: readonly MissingInput[]): Promise<Problem> {
  return missingProblem([...lacking, ...missingFields(checkedDraft(await answerSources(flags, globals)))]);
}
