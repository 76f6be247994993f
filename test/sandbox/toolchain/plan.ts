import type { GoRequirement, Purpose, Requirement, VersionCheck } from "./requirements.ts";

/** What the machine has, as the plan needs to know it. */
export type Machine = {
  /** Absolute path of a command on PATH, or of a file that exists; undefined when there is none. */
  readonly find: (file: string) => string | undefined;
  /** Whether the command at `path` answers as the check wants. */
  readonly fits: (path: string, check: VersionCheck) => boolean;
  /** Whether a program built from the module as it is now is in the cache. */
  readonly isBuilt: (requirement: GoRequirement) => boolean;
};

/** What has to be done before every tool is there. */
export type ToolPlan = {
  /** Absolute paths of commands that were found on the machine, by command. */
  readonly found: Readonly<Record<string, string>>;
  /** Debian packages to install, sorted, each once. */
  readonly packages: readonly string[];
  /** Programs to build. */
  readonly builds: readonly GoRequirement[];
};

const fitting = (machine: Machine, file: string, check: VersionCheck | undefined): string | undefined => {
  const path = machine.find(file);
  return path && (!check || machine.fits(path, check)) ? path : undefined;
};

/** Decides for each requirement: what is on the machine already, else a package, else a build. Asks the machine and changes nothing. */
export const planTools = (requirements: readonly Requirement[], purposes: readonly Purpose[], machine: Machine): ToolPlan => {
  const found: Record<string, string> = {};
  const packages = new Set<string>();
  const builds: GoRequirement[] = [];
  for (const requirement of requirements) {
    if (!purposes.includes(requirement.purpose)) continue;
    if (requirement.kind === "debian") {
      const path = fitting(machine, requirement.file, requirement.version);
      if (path) found[requirement.file] = path;
      else packages.add(requirement.package);
      continue;
    }
    const { commands, version } = requirement;
    const paths = version ? commands.map((command) => fitting(machine, command, version)) : [];
    if (version && paths.every((path) => path !== undefined)) {
      commands.forEach((command, index) => {
        found[command] = paths[index] ?? "";
      });
    } else if (!machine.isBuilt(requirement)) builds.push(requirement);
  }
  return { found, packages: [...packages].toSorted(), builds };
};

/** True when nothing is missing. */
export const isComplete = ({ packages, builds }: ToolPlan): boolean => packages.length === 0 && builds.length === 0;
