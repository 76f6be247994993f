import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./command.ts";
import { type DebianPackage, debianPackagesSchema, parsePrintedUri, parseRecords, withDependencies } from "./debian-package.ts";
import { digestOf } from "./digest.ts";
import { readJsonIfPresent, writeWhole } from "./files.ts";
import { type Architecture, aptPreferences, aptSources } from "./sources.ts";

/** What apt is asked for: packages of an architecture, and where the answer is remembered. */
export interface AptQuestion {
  readonly cache: string;
  readonly architecture: Architecture;
  readonly names: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * The packages of these names and all they depend on, as apt would install them on an empty machine and in an order fit for unpacking. It
 * asks once for everything, for each question costs apt more than a second, and never touches the machine's own packages. Throws
 * CommandFailed when an index cannot be had or apt finds no answer.
 */
export async function choosePackages({ cache, architecture, names, signal }: AptQuestion): Promise<readonly DebianPackage[]> {
  const key = digestOf(JSON.stringify([aptSources, aptPreferences, names, architecture])).slice(7);
  const remembered = join(cache, "apt", "choices", `${key}.json`);
  const known = await readJsonIfPresent(remembered, debianPackagesSchema);
  if (known !== undefined) return known;
  await mkdir(join(cache, "work"), { recursive: true });
  // Indexes are hundreds of megabytes that nothing needs again.
  const root = await mkdtemp(join(cache, "work", "apt-"));
  try {
    await writeState(root, architecture);
    const chosen = await ask(root, names, signal);
    await writeWhole(remembered, JSON.stringify(chosen, null, 1));
    return chosen;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function ask(root: string, names: readonly string[], signal: AbortSignal | undefined): Promise<readonly DebianPackage[]> {
  // Not in APT_CONFIG, which the machine's own settings would override.
  const apt = (program: "apt-get" | "apt-cache", ...args: readonly string[]) =>
    run([program, `--config-file=${join(root, "apt.conf")}`, ...args], { signal });
  await apt("apt-get", "update", "-qq");
  const printed = await apt("apt-get", "install", "-y", "-qq", "--print-uris", ...names);
  const packages = printed.trimEnd().split("\n").map(parsePrintedUri);
  const shown = parseRecords(await apt("apt-cache", "show", ...packages.map(({ name, version }) => `${name}=${version}`)));
  const records = new Map(shown.map((record) => [record.get("SHA256"), record]));
  return packages.map((one) => {
    const record = records.get(one.digest);
    if (record === undefined) throw new Error(`apt-cache does not show ${one.file}`);
    return withDependencies(one, record);
  });
}

// A state of its own: an empty machine of that architecture with the sources of the images.
async function writeState(root: string, architecture: Architecture): Promise<void> {
  for (const folder of ["state/lists/partial", "cache/archives/partial", "empty"]) await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, "status"), "");
  await writeFile(join(root, "sources.list"), `${aptSources}\n`);
  await writeFile(join(root, "preferences"), aptPreferences);
  await writeFile(join(root, "apt.conf"), configuration(root, architecture));
}

function configuration(root: string, architecture: Architecture): string {
  return Object.entries({
    "Dir::State": join(root, "state"),
    "Dir::State::status": join(root, "status"),
    "Dir::Cache": join(root, "cache"),
    "Dir::Etc::sourcelist": join(root, "sources.list"),
    "Dir::Etc::sourceparts": join(root, "empty"),
    "Dir::Etc::preferences": join(root, "preferences"),
    "Dir::Etc::preferencesparts": join(root, "empty"),
    "Dir::Etc::trustedparts": join(root, "empty"),
    "APT::Architecture": architecture,
    "APT::Install-Recommends": "false",
    "APT::Sandbox::User": "",
    // A suite that could not be read would silently give an older program, or none of the fixes that it is read for.
    "APT::Update::Error-Mode": "any",
    "Acquire::Languages": "none",
    "Acquire::Retries": "3",
    // Without it apt prints the weakest digest that an index has, and none where there is only a strong one.
    "Acquire::ForceHash": "SHA256",
    // The settings of Debian's container images save space: every call would unpack and parse all indexes again.
    "Acquire::GzipIndexes": "false",
    "Dir::Cache::pkgcache": "pkgcache.bin",
    "Dir::Cache::srcpkgcache": "",
  })
    .map(([key, value]) => `${key} "${value}";`)
    .concat(`#clear APT::Architectures; APT::Architectures { "${architecture}"; };`)
    .join("\n");
}
