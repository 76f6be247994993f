import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
import { type KitPorts, keepKit } from "../backup/keep-kit.ts";
import type { Step } from "../run/step.ts";
import type { InstallStart } from "./install-start.ts";

const givesSchema = z.object({ kit: z.enum(["kept", "no-key", "no-answers", "refused"]) });

/** Puts answers and secrets with the backups, where the backups are encrypted and the user may run something in the database's pod. */
export function kitStep(ports: KitPorts): Step<InstallStart, InstallStart, z.infer<typeof givesSchema>> {
  return {
    id: "kit",
    title: "Keep answers and secrets with the backups, sealed",
    describe: () => ({ touches: ["migratectl/kit.json in the backup repository"], bytes: 0, seconds: 2, undo: "stays" }),
    unneeded: ({ answers }) => (answers.backup.encryption === "none" ? { kit: "no-key" } : undefined),
    gives: givesSchema,
    run: async ({ name, namespace, release, answers }, { signal, note }) => {
      try {
        return { kit: await keepKit(ports, { name, namespace, version: release.version, answers }, signal) };
      } catch (error) {
        // The platform works without; an installation does not fail for a right that it does not need otherwise.
        if (!(error instanceof Problem && error.code === "EXEC_FAILED")) throw error;
        note(
          `Answers and secrets are not kept with the backups: ${error.message}. \`migratectl backup create\` keeps them as soon as it can.`,
        );
        return { kit: "refused" };
      }
    },
  };
}
