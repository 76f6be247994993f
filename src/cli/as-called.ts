import { checkedDraft } from "../domain/answers/resolve.ts";
import { valueAt } from "../domain/answers/tree.ts";
import { Problem } from "../domain/errors/problem.ts";
import { answerSources, type ParsedFlags } from "./load-answers.ts";

/** The cluster, namespace and registry that a command was called for, as far as somebody named them. */
export interface Called {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly namespace?: string | undefined;
  /** Without its prefix. */
  readonly registryHost?: string | undefined;
}

/** Commands of ours that talk to a cluster. */
const ofCluster = "preflight|install|diff|smoke|status|doctor|history|uninstall";

/** What follows a command's name and still belongs to it: neither the next command nor the next sentence. */
const commandRest = "(?:(?!\\. |[;|&]).)*";

/** What flags, environment and answers file say; an answers file that cannot be used says nothing. */
export async function calledFor(flags: ParsedFlags, answers: string | undefined): Promise<Called> {
  const named = { kubeconfig: text(flags["kubeconfig"]), context: text(flags["context"]), namespace: text(flags["namespace"]) };
  try {
    const { tree } = checkedDraft(await answerSources(flags, { answers }));
    const host = text(valueAt(tree, ["registry", "host"]))?.split("/", 1)[0];
    const context = named.context ?? text(valueAt(tree, ["cluster", "context"]));
    const namespace = named.namespace ?? text(valueAt(tree, ["release", "namespace"]));
    return { ...named, context, namespace, registryHost: host };
  } catch (error) {
    if (error instanceof Problem) return named;
    throw error;
  }
}

/**
 * A fix whose commands can be copied as they are: with the kubeconfig and the context of this call, the registry's name and, where a command
 * of ours names none itself, the namespace.
 */
export function asCalled(fix: string, { kubeconfig, context, namespace, registryHost }: Called): string {
  const file = kubeconfig === undefined ? "" : ` --kubeconfig ${word(kubeconfig)}`;
  const flag = (name: string) => (context === undefined ? "" : ` ${name} ${word(context)}`);
  return fix
    .replaceAll(/\bkubectl --context CONTEXT\b/g, "kubectl")
    .replaceAll(/\bkubectl(?= config\b)/g, `kubectl${file}`)
    .replaceAll(/\bkubectl(?= --context\b)/g, `kubectl${file}`)
    .replaceAll(/\bkubectl(?= (?!config\b|--)[a-z]| -n )/g, `kubectl${file}${flag("--context")}`)
    .replaceAll(/\bhelm(?= (?:list|get|history|status|rollback|uninstall)\b)/g, `helm${file}${flag("--kube-context")}`)
    .replaceAll(new RegExp(`\\bmigratectl(?= (?:${ofCluster})\\b(${commandRest}))`, "g"), (_, rest: string) => {
      const space = namespace === undefined || / (?:-n|--namespace)\b/.test(rest) ? "" : ` -n ${word(namespace)}`;
      return `migratectl${file}${flag("--context")}${space}`;
    })
    .replaceAll(/(?<=https:\/\/|docker login |echo )HOST\b/g, registryHost ?? "HOST");
}

/** The same value in which every member `fix` is as {@link asCalled} has it; what is neither a list nor a plain object is left alone. */
export function fixesAsCalled<T>(value: T, called: Called): T {
  return fitted(value, called) as T;
}

function fitted(value: unknown, called: Called): unknown {
  if (Array.isArray(value)) return value.map((item) => fitted(item, called));
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === "fix" && typeof member === "string" ? asCalled(member, called) : fitted(member, called),
    ]),
  );
}

/** A value as a word of a shell. */
function word(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
