import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { attemptInside, insideArgv, insideEnv, runInside, type SandboxDocument } from "../../../test/sandbox/index.ts";
import { attempt } from "../../../test/sandbox/run.ts";
import { namespace, type Site, writeAnswers } from "../../demo/site.ts";

/** Name of the Helm release; the answers' default. */
export const release = "migrate-platform";

const cli = join(import.meta.dirname, "../../../bin/run.js");

/** A command of ours that ran: its document, and when it began and ended (milliseconds since 1970). */
export interface Ran {
  readonly document: unknown;
  readonly began: number;
  readonly ended: number;
}

/** A platform on a sandbox, with a database as large as that of profile small. */
export class Installed {
  private readonly sandbox: SandboxDocument;
  private readonly answers: string;
  private readonly scratch: string;

  private constructor(sandbox: SandboxDocument, answers: string, scratch: string) {
    this.sandbox = sandbox;
    this.answers = answers;
    this.scratch = scratch;
  }

  /** Installs profile trial, whose other parts need little, with Postgres and its backup agent as in small and two full backups kept. */
  static async make(sandbox: SandboxDocument, site: Site, bundle: string, scratch: string): Promise<Installed> {
    const answers = join(scratch, "answers.yaml");
    const values = {
      postgres: { resources: { requests: { cpu: "250m", memory: "4Gi" }, limits: { cpu: "4", memory: "8Gi" } } },
      backup: {
        resources: { requests: { cpu: "50m", memory: "512Mi" }, limits: { cpu: "2", memory: "1Gi" } },
        retention: { full: 2 },
      },
    };
    const usual = await readFile(await writeAnswers(site, "trial"), "utf8");
    await writeFile(answers, `${usual}values: ${JSON.stringify(values)}\n`);
    const installed = new Installed(sandbox, answers, scratch);
    await installed.migratectl("install", "--airgap", "--bundle", bundle, "--yes");
    return installed;
  }

  /** Runs `migratectl ARGS --json`. @throws Error when it fails */
  async migratectl(...args: readonly string[]): Promise<Ran> {
    const began = Date.now();
    const argv = [process.execPath, cli, ...args, "--answers", this.answers, "--json"];
    const { code, stdout, stderr } = await attemptInside(this.sandbox, argv, { env: { XDG_STATE_HOME: this.scratch } });
    const ended = Date.now();
    if (code !== 0) throw new Error(`migratectl ${args.join(" ")} ended with ${code}\n${stderr}${stdout}`);
    return { document: JSON.parse(stdout), began, ended };
  }

  /** Runs kubectl in the platform's namespace. @throws Error when it fails */
  async kubectl(args: readonly string[], input?: string): Promise<string> {
    return await runInside(this.sandbox, ["kubectl", "--namespace", namespace, ...args], input === undefined ? {} : { input });
  }

  /** Runs kubectl until it ends or the signal aborts, and hands over what it prints line by line. */
  async watch(args: readonly string[], signal: AbortSignal, onLine: (line: string) => void): Promise<void> {
    const argv = insideArgv(this.sandbox, ["kubectl", "--namespace", namespace, ...args]);
    await attempt(argv, { env: insideEnv(this.sandbox), signal, onLine }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  /** Runs a command in a container of the database's pod. @throws Error when it fails */
  async inDatabase(container: "postgres" | "backup-agent", ...argv: readonly string[]): Promise<string> {
    return await this.kubectl(["exec", "postgres-0", "-c", container, "--", ...argv]);
  }

  /** Runs SQL as the superuser, and gives what it prints. @throws Error when it fails */
  async sql(statement: string, database = "migration"): Promise<string> {
    const psql = ["psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h", "/var/run/postgresql", "-U", "postgres"];
    return (await this.inDatabase("postgres", ...psql, "-d", database, "-c", statement)).trim();
  }
}
