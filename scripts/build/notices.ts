import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";

/** A package whose code stands in dist/, with the texts that its licence asks to be passed on. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly licence: string;
  readonly author: string;
  /** Texts of LICENSE and NOTICE files, in the order of their names. */
  readonly texts: readonly string[];
}

/** Every package of which a module was bundled, by name. @throws Error for a package that names no licence */
export function bundledPackages(root: string, { inputs }: Metafile): readonly BundledPackage[] {
  const folders = new Set(
    Object.keys(inputs).flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path.replace(/^.*?:/, ""))?.[0] ?? []),
  );
  return [...folders]
    .map((folder) => readPackage(root, folder))
    .sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
}

function readPackage(root: string, folder: string): BundledPackage {
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
    readonly author?: string | { readonly name?: string };
  };
  if (manifest.license === undefined) throw new Error(`${manifest.name} names no licence: it cannot be bundled`);
  const files = globSync("{LICEN[CS]E,licen[cs]e,NOTICE,COPYING}*", { cwd: join(root, folder) }).sort();
  return {
    name: manifest.name,
    version: manifest.version,
    licence: manifest.license,
    author: (typeof manifest.author === "string" ? manifest.author : manifest.author?.name) ?? "its contributors",
    texts: files.map((file) => readFileSync(join(root, folder, file), "utf8").trim()),
  };
}

/** The notices as one text: each package with its licence; equal texts once, under all packages that share them. */
export function thirdPartyNotices(packages: readonly BundledPackage[]): string {
  const byText = new Map<string, string[]>();
  for (const { name, version, licence, author, texts } of packages) {
    const text = texts.length > 0 ? texts.join("\n\n") : `Copyright (c) ${author}\n\nLicensed under ${licence}.`;
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${licence})`]);
  }
  const parts = [...byText].map(([text, names]) => `${names.join("\n")}\n\n${text}\n`);
  const rule = `\n${"=".repeat(78)}\n\n`;
  return `migratectl contains code of these packages.\n${rule}${parts.join(rule)}`;
}
