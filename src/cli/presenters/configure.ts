import { z } from "zod";
import { answersSchema } from "../../domain/answers/answers.ts";
import { type SecretReference, secretReferenceSchema } from "../../domain/answers/secret-reference.ts";
import { counted } from "../../domain/units.ts";
import type { ChangedAnswer, ConfigureResult } from "../../workflow/configure/configure.ts";
import type { Presenter } from "./presenter.ts";
import { type Style, table } from "./style.ts";

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("Configure"),
  path: z.string(),
  outcome: z.enum(["written", "unchanged", "declined", "dry-run"]),
  changes: z.array(z.strictObject({ answer: z.string(), from: z.unknown().optional(), to: z.unknown().optional() })),
  answers: answersSchema,
});

/** What `configure` decided and wrote. */
export const configurePresenter: Presenter<ConfigureResult> = {
  name: "configure",
  schema,
  json: ({ content: _content, ...result }) => ({ apiVersion: "migratectl/v1", kind: "Configure", ...result }),
  exit: ({ outcome }) => (outcome === "declined" ? "cancelled" : "ok"),
  text({ path, outcome, changes, content }, style) {
    switch (outcome) {
      case "dry-run":
        return content;
      case "unchanged":
        return `${path} says all this already; nothing was written`;
      case "declined":
        return `nothing was written to ${path}`;
      case "written":
        return [
          `${style.green("written")} ${style.bold(path)}, ${counted(changes.length, "answer")} changed`,
          `next: migratectl preflight --answers ${path}`,
        ].join("\n");
    }
  },
};

/** The changed answers as a table, for looking at before they are written. */
export function changesText(changes: readonly ChangedAnswer[], style: Style): string {
  return table(
    changes.map(({ answer, from, to }) => [
      `  ${answer}`,
      to === undefined ? style.red("removed") : valueText(to),
      from === undefined ? "" : style.dim(`was ${valueText(from)}`),
    ]),
  );
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(", ");
  const reference = secretReferenceSchema.safeParse(value).data;
  if (reference !== undefined) return referenceText(reference);
  return typeof value === "string" ? value : JSON.stringify(value);
}

function referenceText(reference: SecretReference): string {
  if ("file" in reference) return `in the file ${reference.file}`;
  if ("env" in reference) return `in the variable ${reference.env}`;
  return "secret" in reference ? `in the key ${reference.key} of Secret ${reference.secret}` : "made at the first install";
}
