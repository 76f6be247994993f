import { copyFile, mkdir, mkdtemp, open as openFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { attemptInside, insideArgv, insideEnv } from "../sandbox/index.ts";
import { cli, howItEnded, migratectl } from "./support/site.ts";
import { keys, Terminal } from "./support/terminal.ts";

const site = inject("site");
const { registry, ingress } = site.sandbox;
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(site.scratch, "wizard-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const report = z.object({ findings: z.array(z.object({ check: z.string(), verdict: z.string() })) });

/** The Esc key. */
const esc = "\u001b";

function open(...args: readonly string[]): Terminal {
  const argv = insideArgv(site.sandbox, [process.execPath, cli, ...args], folder);
  return new Terminal(argv, { cwd: folder, env: insideEnv(site.sandbox) });
}

if (registry === null || ingress === null) throw new Error("the sandbox has no registry or ingress");

describe("the wizard on a terminal", () => {
  test("asks what the cluster does not tell, checks each answer, and writes what it was told", async () => {
    const wrong = join(folder, "wrong-password");
    await writeFile(wrong, "not the password\n");
    const terminal = open("configure");
    await terminal.answer(/Kubernetes v1\.\d+\.\d+ answers/);
    await terminal.answer(/Go through sizes/, keys.enter);
    await terminal.answer(/Namespace to install into/, "Client_Wizard", keys.enter);
    await terminal.answer(/Use "client-wizard"/, keys.clearLine, "client-wizard", keys.enter);
    await terminal.answer(/How large\?/, keys.enter);
    await terminal.answer(/Registry that the cluster pulls from/, registry.host, keys.enter);
    await terminal.answer(/User name for the registry/, registry.username, keys.enter);
    await terminal.answer(/Where is the password/, keys.enter);
    await terminal.answer(/File that holds it/, wrong, keys.enter);
    await terminal.answer(/PEM file with the registry's CA/, registry.caFile, keys.enter);
    await terminal.answer(/the registry: .*(401|password|credentials)/i);
    await terminal.answer(/Answer again about the registry/, keys.enter);
    await terminal.answer(/Registry that the cluster pulls from/, keys.enter);
    await terminal.answer(/User name for the registry/, keys.enter);
    await terminal.answer(/Where is the password/, keys.enter);
    await terminal.answer(/File that holds it/, keys.clearLine, registry.passwordFile, keys.enter);
    await terminal.answer(/PEM file with the registry's CA/, keys.enter);
    await terminal.answer(/without TLS\?/, keys.enter);
    await terminal.answer(/Storage class[\s\S]*cluster's default/, keys.enter);
    await terminal.answer(/Make the platform reachable/, keys.enter);
    await terminal.answer(/DNS name of the platform/, ingress.host, keys.enter);
    await terminal.answer(/Where does the certificate come from\?[\s\S]*self-signed/, keys.down, keys.down, keys.enter);
    await terminal.answer(/URL of the LLM provider/, keys.enter);
    await terminal.answer(/Write these answers to migratectl\.yaml\?/, keys.enter);
    expect(await terminal.end(), terminal.screen).toBe(0);
    const written = await readFile(join(folder, "migratectl.yaml"), "utf8");
    for (const line of [
      "namespace: client-wizard",
      `host: ${registry.host}`,
      `file: ${registry.passwordFile}`,
      `className: ${site.sandbox.storageClasses?.default}`,
      `className: ${ingress.className}`,
      "mode: self-signed",
    ])
      expect(written).toContain(line);
    const password = (await readFile(registry.passwordFile, "utf8")).trim();
    expect(written + terminal.screen).not.toContain(password);
  });

  test("run again starts from those answers, and with nothing new changes nothing", async () => {
    const path = join(folder, "migratectl.yaml");
    const before = await readFile(path, "utf8");
    const terminal = open("configure");
    for (const question of [
      /Go through/,
      /Namespace to install into.*client-wizard/,
      /How large/,
      /Registry that/,
      /User name/,
      /Where is the password/,
      /File that/,
      /PEM file/,
      /Storage class/,
      /Make the platform/,
      /DNS name/,
      /Where does the certificate/,
      /URL of the LLM/,
    ]) {
      await terminal.answer(question, keys.enter);
    }
    expect(await terminal.end(), terminal.screen).toBe(0);
    expect(terminal.screen).toContain("says all this already");
    expect(await readFile(path, "utf8")).toBe(before);
  });

  test("goes back one question with Esc, and shows what each part costs on the long way", async () => {
    const terminal = open("configure", "--answers", join(folder, "parts.yaml"));
    await terminal.answer(/Go through sizes/, "y", keys.enter);
    await terminal.answer(/Namespace to install into/, "wrong", keys.enter);
    await terminal.answer(/Create the namespace/, esc);
    await terminal.answer(/Namespace to install into.*wrong/, "client-parts", keys.enter);
    await terminal.answer(/Create the namespace/, keys.enter);
    await terminal.answer(/How large\?[\s\S]*redundant: [\d.]+ CPU/, keys.down, keys.enter);
    await terminal.answer(/Name of the Helm release/, keys.enter);
    await terminal.answer(/May cluster-wide objects/, keys.enter);
    await terminal.answer(/Registry that the cluster pulls from/, registry.host, keys.enter);
    await terminal.answer(/User name for the registry/, registry.username, keys.enter);
    await terminal.answer(/Where is the password/, keys.enter);
    await terminal.answer(/File that holds it/, registry.passwordFile, keys.enter);
    await terminal.answer(/PEM file with the registry's CA/, registry.caFile, keys.enter);
    await terminal.answer(/without TLS\?/, keys.enter);
    await terminal.answer(/Existing pull secret/, keys.enter);
    for (const question of [/Storage class/, /Size of the Postgres/, /Size of each Redis/]) await terminal.answer(question, keys.enter);
    await terminal.answer(/Read replicas of Postgres[\s\S]*two +1\.2 CPU, 8\.3 GiB memory, 400 GiB storage more/, keys.down, keys.enter);
    await terminal.answer(/Redis servers[\s\S]*three with Sentinel/, keys.enter);
    await terminal.answer(/Agent pool beside the workers\?/, "\u001b[A", keys.enter);
    await terminal.answer(/Make the platform reachable/, "n", keys.enter);
    await terminal.answer(/URL of the LLM provider/, keys.enter);
    for (const question of [
      /Create network policies/,
      /KEDA/,
      /Prometheus/,
      /When do full/,
      /When do incremental/,
      /In which time zone/,
      /between full ones/,
      /To how many days/,
      /How many full/,
      /Encrypt the backups/,
      /Where is the key/,
      /Where are backups kept/,
      /Storage class of the backups/,
      /Size of the backups/,
    ])
      await terminal.answer(question, keys.enter);
    await terminal.answer(/Write these answers/, keys.enter);
    expect(await terminal.end(), terminal.screen).toBe(0);
    const written: unknown = parse(await readFile(join(folder, "parts.yaml"), "utf8"));
    expect(written).toMatchObject({
      release: { namespace: "client-parts" },
      profile: "standard",
      postgres: { replicas: 2 },
      features: { agentPool: false },
    });
    expect(written).not.toHaveProperty("redis.sentinel");
  });

  test("says with a bundle which release the answers are for, and refuses one that is cut off before it asks anything", async () => {
    const terminal = open("configure", "--answers", join(folder, "for-release.yaml"), "--bundle", site.bundle);
    await terminal.answer(
      /These answers are for release \d+\.\d+\.\d+[\s\S]*Kubernetes v1\.\d+\.\d+ answers[\s\S]*Go through sizes/,
      keys.enter,
    );
    expect(terminal.screen).not.toContain("wanted:");
    await terminal.answer(/Namespace to install into/, keys.ctrlC);
    expect(await terminal.end(), terminal.screen).toBe(130);

    const cut = join(folder, "cut.bundle");
    const whole = await openFile(site.bundle);
    const head = Buffer.alloc(1_000_000);
    await whole.read(head, 0, head.length, 0);
    await whole.close();
    await writeFile(cut, head);
    const refused = open("configure", "--answers", join(folder, "for-release.yaml"), "--bundle", cut);
    expect(await refused.end(), refused.screen).not.toBe(0);
    expect(refused.screen).toContain("BUNDLE_TRUNCATED");
    expect(refused.screen).not.toMatch(/Which cluster|Go through/);
  });

  test("stopped by Ctrl-C writes nothing and ends as cancelled", async () => {
    const path = join(folder, "stopped.yaml");
    const terminal = open("configure", "--answers", path);
    await terminal.answer(/Go through/, keys.enter);
    await terminal.answer(/Namespace to install into/, keys.ctrlC);
    expect(await terminal.end()).toBe(130);
    expect(terminal.screen).toContain("nothing was written");
    await expect(readFile(path)).rejects.toThrow("ENOENT");
  });
});

describe("without a terminal", () => {
  test("paths in the answers file are those of its folder, wherever the command runs", async () => {
    const [beside, elsewhere] = [join(folder, "client/answers"), join(folder, "elsewhere")];
    await Promise.all([mkdir(beside, { recursive: true }), mkdir(elsewhere)]);
    await copyFile(registry.caFile, join(beside, "ca.pem"));
    await copyFile(registry.passwordFile, join(beside, "password"));
    const run = (cwd: string, ...args: readonly string[]) => attemptInside(site.sandbox, [process.execPath, cli, ...args], { cwd });
    const files = ["--registry-ca", "answers/ca.pem", "--registry-password-file", "./answers/password"];
    const given = ["--registry", registry.host, "--registry-username", registry.username, "--ingress-host", "a.example", ...files];
    const configured = await run(join(folder, "client"), "configure", "--yes", "--answers", "answers/m.yaml", ...given);
    expect(configured.code, howItEnded(configured)).toBe(0);
    expect(parse(await readFile(join(beside, "m.yaml"), "utf8"))).toMatchObject({
      registry: { caFile: "ca.pem", password: { file: "password" } },
    });
    for (const path of ["../client/answers/m.yaml", join(beside, "m.yaml")]) {
      const { stdout, stderr } = await run(elsewhere, "preflight", "--json", "--answers", path);
      const { findings } = report.parse(JSON.parse(stdout));
      expect(findings.find(({ check }) => check === "registry")?.verdict, stderr).toBe("pass");
    }
  });

  test("what is missing is named with its flags, and nothing is asked", async () => {
    const { code, stdout, stderr } = await migratectl(site, ["configure", "--answers", join(folder, "none.yaml")]);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain("ANSWERS_MISSING");
    expect(stderr).toContain("--registry HOST[/PREFIX]");
  });

  test("complete answers are written only with --yes", async () => {
    const path = join(folder, "plain.yaml");
    const given = ["configure", "--answers", path, "--registry", "r.example", "--ingress-host", "a.example"];
    const refused = await migratectl(site, given);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("--yes")]);
    expect((await migratectl(site, [...given, "--yes"])).code).toBe(0);
    expect(await readFile(path, "utf8")).toContain("host: r.example");
  });
});
