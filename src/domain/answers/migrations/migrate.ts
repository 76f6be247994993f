import type { Document } from "yaml";
import { type Tree, valueAt } from "../tree.ts";
import { moveKey, removeKey, writeOutAliases } from "./edit-document.ts";
import type { AnswersMigration, MigratedAnswers } from "./migration.ts";
import { v1ToV2 } from "./v1-to-v2.ts";

/** Every migration, oldest first: each begins where the one before it ends, and the last ends at the version that is written now. */
export const migrations: readonly AnswersMigration[] = [v1ToV2];

/**
 * Brings a document of answers to the version that is written now, in place: order and comments stay. One of that version, of none or of one
 * that is not known is left as it is, and nothing is given.
 */
export function migrateDocument(document: Document): MigratedAnswers | undefined {
  const from = document.get("version");
  const first = migrations.findIndex((migration) => migration.from === from);
  if (typeof from !== "string" || first < 0) return undefined;
  writeOutAliases(document);
  const carried = migrations.slice(first).map((migration) => carry(document, migration));
  return {
    from,
    moved: carried.flatMap(({ moved }) => moved),
    removed: carried.flatMap(({ removed }) => removed),
    added: carried.flatMap(({ added }) => added).filter(({ answer }) => !document.hasIn(answer.split("."))),
  };
}

/** Where an answer stands now that some version had at this path: bundles name answers as they were when they were made. */
export function currentPath(path: string): string {
  return migrations.flatMap(({ moved }) => moved).reduce((now, { from, to }) => (now === from ? to : now), path);
}

function carry(document: Document, migration: AnswersMigration): Omit<MigratedAnswers, "from"> {
  const before = document.toJS() as Tree;
  const at = (path: string) => valueAt(before, path.split("."));
  const removed = migration.removed
    .filter(({ answer, when }) => at(answer) !== undefined && when(at) && removeKey(document, answer.split(".")))
    .map(({ answer, why }) => ({ answer, why }));
  const moved = migration.moved.filter(({ from, to }) => moveKey(document, from.split("."), to.split(".")));
  document.set("version", migration.to);
  return { moved, removed, added: migration.added };
}
