/** Builds dist/: the CLI as a few ES modules (start-up reads one small file; adapters load when a command needs them). */
import { execFileSync } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";

await rm("dist", { recursive: true, force: true });
const result = await build({
  entryPoints: { main: "src/cli/main.ts", commands: "src/cli/commands.ts", "hash-worker": "src/adapters/oci-layout/hash-worker.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  metafile: true,
  minifySyntax: true,
  legalComments: "none",
  logLevel: "warning",
  // CommonJS dependencies call require for Node's own modules.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; import { dirname as __pathDirname } from "node:path"; import { fileURLToPath as __fileURLToPath } from "node:url"; const require = __createRequire(import.meta.url); const __filename = __fileURLToPath(import.meta.url); const __dirname = __pathDirname(__filename);',
  },
});
const bytes = Object.values(result.metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
process.stderr.write(`dist: ${Object.keys(result.metafile.outputs).length} files, ${(bytes / 1e6).toFixed(1)} MB\n`);

// bin/run.js prints this without loading the CLI; a test compares the two.
const help = execFileSync(process.execPath, ["dist/main.js", "--help"], {
  encoding: "utf8",
  env: { ...process.env, NO_COLOR: "1", OCLIF_COLUMNS: "100" },
});
await writeFile("dist/help.txt", help.replaceAll(/ \S+-\S+ node-v\S+/g, ""));
