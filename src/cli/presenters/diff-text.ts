import { assertNever } from "../../domain/assert-never.ts";
import type { DriftedField, ObjectDrift } from "../../domain/diff/drift.ts";
import { formatPath } from "../../domain/diff/field-path.ts";
import type { FieldOwner } from "../../domain/diff/managed-fields.ts";
import type { ObjectChange, Restart } from "../../domain/diff/manifest-changes.ts";
import { masked, type ShownChange } from "../../domain/diff/mask.ts";
import type { ObjectReference } from "../../domain/manifest/release-objects.ts";
import { counted } from "../../domain/units.ts";
import { changedLines, changeText, valueText } from "./diff-value.ts";
import { type Style, table, tableWidth } from "./style.ts";

/** Fields of a template that are named where pods restart; the rest are counted. */
const shownCauses = 3;

/** `Deployment/backend`, with the namespace where it is not the release's. */
function objectName({ kind, name, namespace }: ObjectReference, release: string): string {
  return `${kind}/${name}${namespace === release ? "" : ` in namespace ${namespace}`}`;
}

/** What becomes of one object: a line, and under it a line for each field. */
export function objectChangeText(change: ObjectChange, namespace: string, style: Style): string {
  const name = objectName(change.object, namespace);
  switch (change.kind) {
    case "added":
      return `${style.green("+")} ${style.bold(name)}`;
    case "removed":
      return `${style.red("-")} ${style.bold(name)}`;
    case "kept":
      return `${style.yellow("~")} ${style.bold(name)}  ${style.dim("no longer of the release; Helm keeps it (helm.sh/resource-policy)")}`;
    case "changed":
      return [
        `${style.yellow("~")} ${style.bold(name)}`,
        ...rowsText(
          change.fields.map((field) => [mark(field, style), formatPath(field.path), fieldText(field), lines(field, style)]),
          style,
        ),
        ...(change.incidental === 0
          ? []
          : [
              style.dim(
                `    ${counted(change.incidental, change.fields.length === 0 ? "label" : "more label")} of the version or checksum${change.incidental === 1 ? "" : "s"}`,
              ),
            ]),
      ].join("\n");
    default:
      return assertNever(change);
  }
}

/** How one object is not as its manifest says. */
export function driftText(drift: ObjectDrift, namespace: string, style: Style): string {
  const name = style.bold(objectName(drift.object, namespace));
  switch (drift.kind) {
    case "gone":
      return `${style.red("-")} ${name}  is gone`;
    case "unknown":
      return `${style.cyan("?")} ${name}  ${style.dim(drift.why)}`;
    case "drifted":
      return [
        `${style.yellow("~")} ${name}`,
        ...rowsText(
          drift.fields.map((field) => [
            mark(field.change, style),
            formatPath(field.change.path),
            driftedText(field),
            ownerLine(field.owner, style),
          ]),
          style,
        ),
      ].join("\n");
    default:
      return assertNever(drift);
  }
}

/** A workload whose pods restart, and by what. */
export function restartRow({ object, fields }: Restart, namespace: string): readonly string[] {
  const paths = fields.map((path) => formatPath(path.slice(2)));
  const more = paths.length - shownCauses;
  return [objectName(object, namespace), `${paths.slice(0, shownCauses).join(", ")}${more > 0 ? ` and ${more} more` : ""}`];
}

/** `kubectl-edit (Update), 2026-11-25 03:00 UTC` */
function ownerLine(owner: FieldOwner | undefined, style: Style): readonly string[] {
  if (owner === undefined) return [style.dim("nobody owns it")];
  const through = owner.subresource === undefined ? "" : ` of ${owner.subresource}`;
  const time = owner.time === undefined ? "" : `, ${owner.time.slice(0, 16).replace("T", " ")} UTC`;
  return [`by ${style.cyan(owner.manager)} ${style.dim(`(${owner.operation}${through})${time}`)}`];
}

/** A row per field with further lines below it; where the terminal is too narrow, path and value are a line each. */
function rowsText(rows: readonly (readonly [string, string, string, readonly string[]])[], style: Style): readonly string[] {
  const cells = rows.map(([sign, path, value]) => [`    ${sign}`, path, value]);
  if (tableWidth(cells) <= style.columns) {
    const told = rows.length === 0 ? [] : table(cells).split("\n");
    return rows.flatMap(([, , , below], index) => [told[index] ?? "", ...below.map((line) => `         ${line}`)]);
  }
  return rows.flatMap(([sign, path, value, below]) => [`    ${sign}  ${path}`, ...[value, ...below].map((line) => `         ${line}`)]);
}

function mark(change: ShownChange, style: Style): string {
  const kind = change.kind === "masked" ? change.change : change.kind;
  switch (kind) {
    case "added":
      return style.green("+");
    case "removed":
      return style.red("-");
    case "changed":
    case "reordered":
      return style.yellow("~");
    default:
      return assertNever(kind);
  }
}

function fieldText(change: ShownChange): string {
  switch (change.kind) {
    case "masked":
      return masked;
    case "added":
      return valueText(change.path, change.after);
    case "removed":
      return valueText(change.path, change.before);
    case "reordered":
      return `order ${change.before.join(", ")} -> ${change.after.join(", ")}`;
    case "changed":
      return changedLines(change.before, change.after) === undefined ? changeText(change.path, change.before, change.after) : "";
    default:
      return assertNever(change);
  }
}

function driftedText({ change }: DriftedField): string {
  switch (change.kind) {
    case "masked":
      return `${change.change === "removed" ? "is not there" : "is another value"} ${masked}`;
    case "removed":
      return `should be ${valueText(change.path, change.before)}, is not there`;
    case "added":
      return `is ${valueText(change.path, change.after)}, should not be there`;
    case "changed":
      return `should be ${valueText(change.path, change.before)}, is ${valueText(change.path, change.after)}`;
    case "reordered":
      return "is in another order";
    default:
      return assertNever(change);
  }
}

function lines(change: ShownChange, style: Style): readonly string[] {
  if (change.kind !== "changed") return [];
  const paint = { "+": style.green, "-": style.red, " ": style.dim };
  return (changedLines(change.before, change.after) ?? []).map(({ sign, text }) => paint[sign](`${sign} ${text}`));
}
