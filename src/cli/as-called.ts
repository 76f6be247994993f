import { checkedDraft } from "../domain/answers/resolve.ts";
import { valueAt } from "../domain/answers/tree.ts";
import { Problem } from "../domain/errors/problem.ts";
import { answerSources, type ParsedFlags } from "./load-answers.ts";

/** The cluster and registry that a command was called for, as far as somebody named them. */
export interface Called {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** Without its prefix. */
  readonly registryHost?: string | undefined;
}

/** Commands of ours that talk to a cluster. */
const ofCluster = "preflight|install|smoke|status|history|uninstall";

/** What flags, environment and answers file say; an answers file that cannot be used says nothing. */
export async function calledFor(flags: ParsedFlags, answers: string | undefined): Promise<Called> {
  const named = { kubeconfig: text(flags["kubeconfig"]), context: text(flags["context"]) };
  try {
    const { tree } = checkedDraft(await answerSources(flags, { answers }));
    const host = text(valueAt(tree, ["registry", "host"]))?.split("/", 1)[0];
    return { ...named, context: named.context ?? text(valueAt(tree, ["cluster", "context"])), registryHost: host };
  } catch (error) {
    if (error instanceof Problem) return named;
    throw error;
  }
}

/** A fix whose commands can be copied as they are: with the kubeconfig and the context of this call, and the registry's name. */
export function asCalled(fix: string, { kubeconfig, context, registryHost }: Called): string {
  const file = kubeconfig === undefined ? "" : ` --kubeconfig ${word(kubeconfig)}`;
  const flag = (name: string) => (context === undefined ? "" : ` ${name} ${word(context)}`);
  return fix
    .replaceAll(/\bkubectl --context CONTEXT\b/g, "kubectl")
    .replaceAll(/\bkubectl(?= config\b)/g, `kubectl${file}`)
    .replaceAll(/\bkubectl(?= --context\b)/g, `kubectl${file}`)
    .replaceAll(/\bkubectl(?= (?!config\b|--)[a-z]| -n )/g, `kubectl${file}${flag("--context")}`)
    .replaceAll(/\bhelm(?= (?:list|get|history|status|rollback|uninstall)\b)/g, `helm${file}${flag("--kube-context")}`)
    .replaceAll(new RegExp(`\\bmigratectl(?= (?:${ofCluster})\\b)`, "g"), `migratectl${file}${flag("--context")}`)
    .replaceAll(/(?<=https:\/\/|docker login |echo )HOST\b/g, registryHost ?? "HOST");
}

/** A value as a word of a shell. */
function word(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
