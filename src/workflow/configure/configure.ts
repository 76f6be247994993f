import type { Answers } from "../../domain/answers/answers.ts";
import { type AnswerSources, answer, type Draft } from "../../domain/answers/draft.ts";
import { type FieldPath, fields } from "../../domain/answers/fields.ts";
import { checkedDraft, completeAnswers } from "../../domain/answers/resolve.ts";
import { type Tree, valueAt } from "../../domain/answers/tree.ts";
import type { WorkFolder } from "../../ports/work-folder.ts";
import { writeAnswersFile } from "./answers-file.ts";

/** One answer that the new file has and the old one had not, or had otherwise. */
export interface ChangedAnswer {
  readonly answer: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

/** What `configure` did. */
export interface ConfigureResult {
  readonly path: string;
  readonly outcome: "written" | "unchanged" | "declined" | "dry-run";
  readonly changes: readonly ChangedAnswer[];
  readonly answers: Answers;
  /** Text of the file. */
  readonly content: string;
}

/** What configure needs; without a person to ask, `ask` gives the draft back as it is. */
export interface ConfigurePorts {
  readonly ask: (draft: Draft, signal: AbortSignal) => Promise<Draft>;
  /** Shows what would be written and lets the person decide; `again` asks everything once more, starting from these answers. */
  readonly confirm: (path: string, changes: readonly ChangedAnswer[], answers: Answers) => Promise<"write" | "again" | "leave">;
  readonly folder: WorkFolder;
}

/** Answers that are written down even when they are defaults, because a reader of the file looks for them. */
const alwaysWritten: readonly FieldPath[] = ["release.name", "release.namespace", "profile", "scope"];

/**
 * Collects answers (asking for what is not decided) and writes them to the answers file, atomically.
 * @throws Problem ANSWERS_*, CANCELLED, FILE_UNWRITABLE, DISK_FULL
 */
export async function configure(
  request: { readonly sources: AnswerSources; readonly path: string; readonly dryRun: boolean },
  ports: ConfigurePorts,
  signal: AbortSignal,
): Promise<ConfigureResult> {
  const { sources, path, dryRun } = request;
  const before = sources.file === undefined ? {} : checkedDraft({ flags: {}, environment: {}, file: sources.file }).tree;
  let draft = checkedDraft(sources);
  for (;;) {
    draft = await ports.ask(draft, signal);
    const answers = completeAnswers(draft);
    const tree = writtenTree(draft, answers);
    const content = writeAnswersFile(tree, path, sources.file);
    const changes = changedAnswers(before, tree);
    const result = (outcome: ConfigureResult["outcome"]): ConfigureResult => ({ path, outcome, changes, answers, content });
    if (dryRun) return result("dry-run");
    if (content === sources.file?.text) return result("unchanged");
    const decision = await ports.confirm(path, changes, answers);
    if (decision === "leave") return result("declined");
    if (decision === "write") {
      await ports.folder.write(path, content);
      return result("written");
    }
  }
}

function writtenTree(draft: Draft, answers: Answers): Tree {
  return alwaysWritten.reduce((written, field) => answer(written, field, valueAt(answers, field.split("."))), draft).tree;
}

function changedAnswers(old: Tree, tree: Tree): readonly ChangedAnswer[] {
  return fields.flatMap(({ path }) => {
    const [from, to] = [valueAt(old, path.split(".")), valueAt(tree, path.split("."))];
    return JSON.stringify(from) === JSON.stringify(to)
      ? []
      : [{ answer: path, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }];
  });
}
