import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { down, insideArgv, insideEnv, type Toolchain, up } from "../../test/sandbox/index.ts";

/** Where the demo installs: how a command is run there, and what its answers say. */
export interface Site {
  readonly name: string;
  /** Flags that every migratectl command gets there. */
  readonly flags: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Argv of any command at the site. */
  inside(argv: readonly [string, ...string[]]): readonly [string, ...string[]];
  /** Argv of `migratectl ARGS` at the site. */
  command(args: readonly string[]): readonly [string, ...string[]];
  readonly registry: { readonly host: string; readonly username?: string; readonly passwordFile?: string; readonly caFile?: string };
  readonly ingress?: { readonly className: string; readonly host: string };
  /** Commands that show what was installed, as a person types them. */
  readonly look: readonly string[];
  /** The command that ends it. */
  readonly end: string;
}

/** Namespace that the demo installs into; the answers' default. */
export const namespace = "migrate-platform";

const cli = join(import.meta.dirname, "../../bin/run.js");

/** Folder of the demo's own files. */
export const demoDir = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "migratectl-demo");

/** Ends an earlier sandbox of that name and starts a new one with 8 CPUs, the supported minimum. */
export async function freshSandbox(name: string, toolchain: Toolchain): Promise<Site> {
  await down(name);
  const sandbox = await up({ name, cpus: 8, mode: "cluster", toolchain });
  if (sandbox.registry === null || sandbox.ingress === null) throw new Error("the sandbox came up without its registry or ingress");
  process.stdout.write(
    `Kubernetes ${sandbox.kubernetesVersion} at ${sandbox.apiServer}, registry ${sandbox.registry.host}, ingress https://${sandbox.ingress.host}\n`,
  );
  return {
    name: `the sandbox "${name}"`,
    flags: [],
    env: insideEnv(sandbox),
    inside: (argv) => insideArgv(sandbox, argv),
    command: (args) => insideArgv(sandbox, [process.execPath, cli, ...args]),
    registry: sandbox.registry,
    ingress: sandbox.ingress,
    look: [
      `npm run -s sandbox -- exec --name ${name} -- kubectl -n ${namespace} get pods`,
      `npm run -s sandbox -- exec --name ${name} -- curl -k https://${sandbox.ingress.host}/api/v1/version`,
    ],
    end: `npm run -s sandbox -- down --name ${name}`,
  };
}

/** A cluster and registry that are there already, as the demo's flags name them. @throws Error when --registry is missing */
export function suppliedSite(options: Readonly<Record<string, string | boolean | undefined>>, binDir: string): Site {
  const text = (name: string): string | undefined => (typeof options[name] === "string" ? options[name] : undefined);
  const host = text("registry");
  const context = text("context") ?? "";
  if (host === undefined) throw new Error("--context needs --registry HOST[/PREFIX] too");
  const [username, passwordFile, caFile] = [text("registry-username"), text("registry-password-file"), text("registry-ca")];
  return {
    name: `context ${context}`,
    flags: ["--context", context],
    env: { ...process.env, PATH: `${process.env["PATH"] ?? ""}:${binDir}` },
    inside: (argv) => argv,
    command: (args) => [process.execPath, cli, ...args],
    registry: {
      host,
      ...(username === undefined ? {} : { username }),
      ...(passwordFile === undefined ? {} : { passwordFile }),
      ...(caFile === undefined ? {} : { caFile }),
    },
    look: [`kubectl --context ${context} -n ${namespace} get pods`, `bin/run.js status --context ${context} -n ${namespace}`],
    end: `bin/run.js uninstall --context ${context} -n ${namespace} --delete-data`,
  };
}

/** Writes the answers that a person would have given to the wizard, and gives the file's path. */
export async function writeAnswers(site: Site, profile: string): Promise<string> {
  const { registry, ingress } = site;
  const lines = [
    "version: migratectl/v2",
    `profile: ${profile}`,
    "registry:",
    `  host: ${registry.host}`,
    ...(registry.username === undefined ? [] : [`  username: ${registry.username}`]),
    ...(registry.passwordFile === undefined ? [] : [`  password: { file: ${registry.passwordFile} }`]),
    ...(registry.caFile === undefined ? [] : [`  caFile: ${registry.caFile}`]),
    ...(ingress === undefined
      ? ["ingress: { enabled: false }"]
      : ["ingress:", `  className: ${ingress.className}`, `  host: ${ingress.host}`, "  tls: { mode: self-signed }"]),
  ];
  await mkdir(demoDir, { recursive: true });
  const path = join(demoDir, "migratectl.yaml");
  await writeFile(path, `${lines.join("\n")}\n`);
  return path;
}
