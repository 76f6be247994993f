import { catalogue } from "../../src/domain/errors/catalogue.ts";
import type { CatalogueEntry } from "../../src/domain/errors/problem.ts";
import { exitCodes } from "../../src/domain/exit-code.ts";

/** docs/errors/README.md: exit codes, then every error of the catalogue with why and fix. */
export function errorPages(): readonly (readonly [string, string])[] {
  const exits = Object.values(exitCodes).map(({ code, meaning }) => `| ${code} | ${meaning} |`);
  const entries = Object.entries<CatalogueEntry>(catalogue).sort(([a], [b]) => (a < b ? -1 : 1));
  const sections = entries.map(
    ([code, entry]) =>
      `### ${code}\n\n${entry.title} (exit ${exitCodes[entry.exit].code}).\n\n- **Why**: ${entry.why}\n- **Fix**: ${entry.fix}\n`,
  );
  return [
    [
      "docs/errors/README.md",
      `# Exit codes and errors\n\n## Exit codes\n\n| code | meaning |\n|---|---|\n${exits.join("\n")}\n\n## Errors\n\n${sections.join("\n")}`,
    ],
  ];
}
