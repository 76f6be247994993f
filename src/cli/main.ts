import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execute, type Interfaces } from "@oclif/core";

/** The commands to load: the built ones, or the sources when this file itself runs as TypeScript (a clone that is not built). */
const fromSource = import.meta.filename.endsWith(".ts");
const root = fromSource ? dirname(dirname(import.meta.dirname)) : dirname(import.meta.dirname);
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Interfaces.PJSON;
const pjson = fromSource
  ? {
      ...manifest,
      oclif: { ...manifest.oclif, commands: { strategy: "explicit" as const, target: "./src/cli/commands.ts", identifier: "commands" } },
    }
  : manifest;

// Started by bin/run.js under an older Node: when that process dies (kill -9), this one stops as if it had got SIGTERM.
if (process.send !== undefined) {
  process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel?.unref();
}

// A reader that went away (`migratectl status | head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => error.code === "EPIPE" && process.exit());

await execute({ loadOptions: { root, pjson } });
