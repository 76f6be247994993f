import { layerOf, sourceImports } from "./imports.ts";

/** docs/layers.md: who imports whom, counted from the sources, as a Mermaid picture. */
export function layerPages(root: string): readonly (readonly [string, string])[] {
  const counts = new Map<string, number>();
  for (const { from, to } of sourceImports(root)) {
    const [own, other] = [layerOf(from), layerOf(to)];
    if (own !== other) counts.set(`${own} --> ${other}`, (counts.get(`${own} --> ${other}`) ?? 0) + 1);
  }
  const arrows = [...counts.keys()].sort().map((arrow) => `  ${arrow}`);
  const text =
    "Drawn from the imports by `npm run docs`; `test/unit/structure/layers.test.ts` keeps the arrows pointing one way. Only `compose` (`src/cli/compose`) knows the adapters, and loads them when a command needs them.";
  return [["docs/layers.md", `# Layers\n\n${text}\n\n\`\`\`mermaid\nflowchart TD\n${arrows.join("\n")}\n\`\`\`\n`]];
}
