import * as Flags from "@oclif/core/flags";
import type { Draft } from "../domain/answers/draft.ts";
import { valueAt } from "../domain/answers/tree.ts";
import type { ReleaseScope } from "../ports/cluster-workloads.ts";
import type { Globals } from "./global-flags.ts";
import { loadDraft, type ParsedFlags } from "./load-answers.ts";

/** The flag of commands that look at an installed release. */
export const releaseFlags = {
  "release-name": Flags.string({
    description: "name of the Helm release (default: the answers', then migrate-platform)",
    helpValue: "NAME",
    env: "MIGRATECTL_RELEASE_NAME",
  }),
};

/** Name of the release and namespace when nothing says otherwise; the answers' own defaults. */
const defaultName = "migrate-platform";

/** An installed release and the context in which it runs. */
export interface InstalledRelease {
  readonly scope: ReleaseScope;
  readonly context: string | undefined;
}

/**
 * Which installed release is meant: flags, environment, answers file (which need not be complete), defaults.
 * @throws Problem ANSWERS_* for an answers file that cannot be used
 */
export async function installedRelease(flags: ParsedFlags, globals: Globals): Promise<InstalledRelease> {
  return releaseIn(await loadDraft(flags, globals), globals);
}

/** The installed release that answers, complete or not, are of. */
export function releaseIn(draft: Draft, globals: Globals): InstalledRelease {
  const text = (...path: string[]) => {
    const value = valueAt(draft.tree, path);
    return typeof value === "string" ? value : undefined;
  };
  return {
    scope: { release: text("release", "name") ?? defaultName, namespace: globals.namespace ?? text("release", "namespace") ?? defaultName },
    context: globals.context ?? text("cluster", "context"),
  };
}
