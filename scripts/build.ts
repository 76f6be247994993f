/** Builds dist/: the CLI as ES modules (each command loads its own, adapters when it needs them), help as text, notices of others' code. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { commands, topics } from "../src/cli/commands.ts";
import { helpText, helpWidth } from "../src/cli/help.ts";
import { lean } from "./build/lean.ts";
import { bundledPackages, thirdPartyNotices } from "./build/notices.ts";
import { compiledTemplates } from "./build/templates.ts";

const root = join(import.meta.dirname, "..");

await rm(join(root, "dist"), { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { main: "src/cli/main.ts", "hash-worker": "src/adapters/oci-layout/hash-worker.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  metafile: true,
  minifySyntax: true,
  // Licences and copyright lines of what is bundled stand in dist/THIRD-PARTY.txt.
  legalComments: "none",
  logLevel: "warning",
  plugins: lean,
  // CommonJS dependencies call require for Node's own modules.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; import { dirname as __pathDirname } from "node:path"; import { fileURLToPath as __fileURLToPath } from "node:url"; const require = __createRequire(import.meta.url); const __filename = __fileURLToPath(import.meta.url); const __dirname = __pathDirname(__filename);',
  },
});

await writeFile(join(root, "dist/compiled-templates.js"), await compiledTemplates(root));

// bin/run.js prints these without loading the CLI; a test compares the two.
await mkdir(join(root, "dist/help"));
for (const subject of ["", ...Object.keys(topics), ...Object.keys(commands)]) {
  const page = subject === "" ? "migratectl" : subject.replaceAll(" ", "-");
  await writeFile(join(root, `dist/help/${page}.txt`), await helpText(subject, helpWidth));
}
const packages = bundledPackages(root, metafile);
await writeFile(join(root, "dist/THIRD-PARTY.txt"), thirdPartyNotices(packages));

const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
process.stderr.write(
  `dist: ${Object.keys(metafile.outputs).length} modules, ${(bytes / 1e6).toFixed(1)} MB, with code of ${packages.length} packages\n`,
);
