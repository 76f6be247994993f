import type { BaseCommand } from "./base-command.ts";

/** The class of one command: what it declares, and how it is made. */
export type CommandClass = Pick<typeof BaseCommand, "id" | "summary" | "description" | "examples" | "flags" | "baseFlags" | "args"> &
  (new (
    ...given: ConstructorParameters<typeof BaseCommand>
  ) => BaseCommand);

/** Every command by the words that call it, in the order in which a person meets them. Only the one that is asked for is loaded. */
export const commands: Readonly<Record<string, () => Promise<CommandClass>>> = {
  preflight: async () => (await import("./commands/preflight.ts")).default,
  configure: async () => (await import("./commands/configure.ts")).default,
  render: async () => (await import("./commands/render.ts")).default,
  install: async () => (await import("./commands/install.ts")).default,
  upgrade: async () => (await import("./commands/upgrade.ts")).default,
  rollback: async () => (await import("./commands/rollback.ts")).default,
  diff: async () => (await import("./commands/diff.ts")).default,
  smoke: async () => (await import("./commands/smoke.ts")).default,
  status: async () => (await import("./commands/status.ts")).default,
  doctor: async () => (await import("./commands/doctor.ts")).default,
  history: async () => (await import("./commands/history.ts")).default,
  uninstall: async () => (await import("./commands/uninstall.ts")).default,
  "bundle create": async () => (await import("./commands/bundle/create.ts")).default,
  "bundle inspect": async () => (await import("./commands/bundle/inspect.ts")).default,
  "bundle verify": async () => (await import("./commands/bundle/verify.ts")).default,
  "bundle push": async () => (await import("./commands/bundle/push.ts")).default,
  "backup create": async () => (await import("./commands/backup/create.ts")).default,
  "backup list": async () => (await import("./commands/backup/list.ts")).default,
  "backup verify": async () => (await import("./commands/backup/verify.ts")).default,
  "backup point": async () => (await import("./commands/backup/point.ts")).default,
  "backup drill": async () => (await import("./commands/backup/drill.ts")).default,
  "backup export": async () => (await import("./commands/backup/export.ts")).default,
  "backup restore": async () => (await import("./commands/backup/restore.ts")).default,
  "backup undo": async () => (await import("./commands/backup/undo.ts")).default,
  "backup key": async () => (await import("./commands/backup/key.ts")).default,
  "backup prune": async () => (await import("./commands/backup/prune.ts")).default,
  "preview show": async () => (await import("./commands/preview/show.ts")).default,
  "preview query": async () => (await import("./commands/preview/query.ts")).default,
  "preview promote": async () => (await import("./commands/preview/promote.ts")).default,
  "preview drop": async () => (await import("./commands/preview/drop.ts")).default,
};

/** Words that several commands begin with, and what those commands are for. */
export const topics: Readonly<Record<string, string>> = {
  backup: "make and look at backups, and bring the database to a moment",
  preview: "look at the database as it was at a moment, beside the one that runs",
  bundle: "make, look at, check and push air-gap bundles",
};
