import { parseArgs } from "node:util";
import { z } from "zod";
import { down, ensureToolchain, execInside, makeClientNamespace, type SandboxDocument, status, up } from "./index.ts";

const usage = `A real Kubernetes of one node, with the client's registry and an ingress controller, in namespaces of its own.

usage: sandbox up [--name N] [--cpus 8] [--control-plane] [--json]
       sandbox status [--name N] [--json]
       sandbox exec [--name N] [--as admin|namespaced] -- COMMAND...
       sandbox namespace [--name N] NAMESPACE     another namespace for the user of the namespaced kubeconfig
       sandbox down [--name N]
       sandbox tools                              says what is missing on this machine and gets it

  --name           instances are independent of each other (default: default)
  --cpus           processors that the node claims to have (default: 8)
  --control-plane  etcd and API server alone, on the machine's loopback
`;

class UsageError extends Error {}

const Options = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, "a name has up to 31 of a-z, 0-9 and -")
    .default("default"),
  cpus: z.coerce.number().int().min(1).max(256).default(8),
  "control-plane": z.boolean().default(false),
  as: z.enum(["admin", "namespaced"]).default("admin"),
  json: z.boolean().default(false),
  help: z.boolean().default(false),
});

const parse = (argv: readonly string[]) => {
  const end = argv.indexOf("--");
  const { values, positionals } = parseArgs({
    args: [...(end < 0 ? argv : argv.slice(0, end))],
    allowPositionals: true,
    options: {
      name: { type: "string" },
      cpus: { type: "string" },
      "control-plane": { type: "boolean" },
      as: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  const options = Options.safeParse({ ...values });
  if (!options.success) throw new UsageError(z.prettifyError(options.error));
  return { options: options.data, positionals, rest: end < 0 ? [] : argv.slice(end + 1) };
};

const inText = (sandbox: SandboxDocument): string =>
  [
    `${sandbox.name}: ${sandbox.mode}, Kubernetes ${sandbox.kubernetesVersion}, ${sandbox.cpus} CPUs claimed, up since ${sandbox.startedAt}`,
    `API server   ${sandbox.apiServer}`,
    `kubeconfigs  ${sandbox.kubeconfigs.admin} (admin)`,
    `             ${sandbox.kubeconfigs.namespaced} (admin of ${sandbox.clientNamespace} only)`,
    ...(sandbox.registry
      ? [
          `registry     ${sandbox.registry.host}, user ${sandbox.registry.username}, password in ${sandbox.registry.passwordFile}`,
          `             its CA ${sandbox.registry.caFile}`,
        ]
      : []),
    ...(sandbox.ingress
      ? [`ingress      https://${sandbox.ingress.host} at ${sandbox.ingress.address}, class ${sandbox.ingress.className}`]
      : []),
    ...(sandbox.storageClasses ? [`storage      ${sandbox.storageClasses.default} (default), ${sandbox.storageClasses.neverBinds}`] : []),
    `tools        ${sandbox.binDir}`,
    `logs         ${sandbox.logDir}`,
    `runs         ${sandbox.daemons.map(({ name, restarts }) => (restarts ? `${name} (${restarts} restarts)` : name)).join(", ")}`,
    "",
  ].join("\n");

const print = (sandbox: SandboxDocument, json: boolean): void => {
  process.stdout.write(json ? `${JSON.stringify(sandbox, null, 2)}\n` : inText(sandbox));
};

const running = (name: string): SandboxDocument => {
  const sandbox = status(name);
  if (!sandbox) throw new Error(`no sandbox ${name} is up; start it with: sandbox up --name ${name}`);
  return sandbox;
};

const bringUp = async (options: z.infer<typeof Options>): Promise<number> => {
  const toolchain = await ensureToolchain({ purposes: ["cluster", "bundle"] });
  const started = Date.now();
  const sandbox = await up({
    name: options.name,
    cpus: options.cpus,
    mode: options["control-plane"] ? "control-plane" : "cluster",
    toolchain,
  });
  process.stderr.write(`up after ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  print(sandbox, options.json);
  return 0;
};

const main = async (argv: readonly string[]): Promise<number> => {
  const { options, positionals, rest } = parse(argv);
  const [command, argument] = positionals;
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  switch (command) {
    case "up":
      return bringUp(options);
    case "status": {
      print(running(options.name), options.json);
      return 0;
    }
    case "exec":
      if (rest.length === 0) throw new UsageError("exec wants a command after --");
      return execInside(running(options.name), rest, options.as);
    case "namespace":
      if (!argument) throw new UsageError("namespace wants a name");
      await makeClientNamespace(running(options.name), argument);
      return 0;
    case "down":
      await down(options.name);
      return 0;
    case "tools": {
      const { binDir } = await ensureToolchain();
      process.stdout.write(`every tool is there; built ones in ${binDir}\n`);
      return 0;
    }
    default:
      throw new UsageError(command ? `there is no command ${command}` : "a command is wanted");
  }
};

const tell = (error: unknown): string =>
  error instanceof Error ? `${error.message}${error.cause ? `\n${tell(error.cause)}` : ""}` : String(error);

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const badUsage = error instanceof UsageError || (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS");
  process.stderr.write(`${tell(error)}\n${badUsage ? `\n${usage}` : ""}`);
  process.exitCode = badUsage ? 2 : 1;
}
