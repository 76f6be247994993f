import type { PlatformDatabase } from "./database.ts";

/** State of an action of the run that was begun last in the platform's namespace; undefined when no run is under way there. */
export async function stateOfAction(platform: PlatformDatabase, action: string): Promise<string | undefined> {
  const asked = ["get", "configmap", "migratectl-journal", "--ignore-not-found", "-o", "jsonpath={.data.journal\\.json}"];
  const text = await platform.kube(...asked);
  if (text === "") return undefined;
  const journal = JSON.parse(text) as {
    readonly finished: boolean;
    readonly entries: readonly { readonly id: string; readonly state: string }[];
  };
  return journal.finished ? undefined : journal.entries.find(({ id }) => id === action)?.state;
}
