import { execFile, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, inject, it } from "vitest";
import { answersFile } from "./support/answers.ts";
import { cli, migratectl } from "./support/site.ts";

const site = inject("site");
const folder = mkdtempSync(join(tmpdir(), "migratectl-bad-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A kubeconfig for an API server of our choosing. */
function kubeconfig(name: string, user: string, server = "https://127.0.0.1:1"): string {
  const path = join(folder, `${name}.kubeconfig`);
  const cluster = `{ server: "${server}", insecure-skip-tls-verify: true }`;
  writeFileSync(
    path,
    `apiVersion: v1\nkind: Config\nclusters: [{ name: c, cluster: ${cluster} }]\nusers: [{ name: u, user: ${user} }]\ncontexts: [{ name: here, context: { cluster: c, user: u } }]\ncurrent-context: here\n`,
  );
  return path;
}

function answers(name: string, text: string): string {
  const path = join(folder, `${name}.yaml`);
  writeFileSync(path, text);
  return path;
}

/** Runs the CLI without blocking this process, which may be its server. */
function outcome(args: readonly string[]): Promise<{ readonly code: unknown; readonly stdout: string }> {
  return new Promise((resolve) =>
    execFile(process.execPath, [cli, ...args], (error, stdout) => resolve({ code: error?.code ?? 0, stdout })),
  );
}

const plugin = "{ exec: { apiVersion: client.authentication.k8s.io/v1, command: no-such-credential-plugin, interactiveMode: Never } }";
const registry = "registry: { host: registry.client.example:5000 }";

/** What a person may do wrong without a cluster: arguments, the code it must get, the exit status. */
const mistakes: readonly {
  readonly wrong: string;
  readonly args: () => readonly string[];
  readonly code: string;
  readonly exit: number;
  readonly says?: RegExp;
}[] = [
  { wrong: "no kubeconfig", args: () => ["status", "--kubeconfig", join(folder, "none")], code: "KUBECONFIG_MISSING", exit: 2 },
  {
    wrong: "an unknown context",
    args: () => ["status", "--kubeconfig", kubeconfig("c1", "{ token: t }"), "--context", "hre"],
    code: "CONTEXT_UNKNOWN",
    exit: 2,
    says: /here/,
  },
  {
    wrong: "a cluster that does not answer",
    args: () => ["status", "--kubeconfig", kubeconfig("c2", "{ token: t }")],
    code: "CLUSTER_UNREACHABLE",
    exit: 5,
    says: /127\.0\.0\.1:1/,
  },
  {
    wrong: "a credential plugin that is missing",
    args: () => ["status", "--kubeconfig", kubeconfig("c3", plugin)],
    code: "CLUSTER_CREDENTIAL_PLUGIN",
    exit: 2,
    says: /no-such-credential-plugin/,
  },
  {
    wrong: "a newer answers version",
    args: () => ["render", "--out", folder, "--yes", "--answers", answers("v9", `version: migratectl/v9\n${registry}\n`)],
    code: "ANSWERS_VERSION",
    exit: 2,
  },
  {
    wrong: "a misspelt key",
    args: () => ["render", "--out", folder, "--yes", "--answers", answers("key", "version: migratectl/v2\nregistri: { host: x }\n")],
    code: "ANSWERS_KEY_UNKNOWN",
    exit: 2,
    says: /registry/,
  },
  {
    wrong: "a name Kubernetes would refuse",
    args: () => [
      "render",
      "--out",
      folder,
      "--yes",
      "--answers",
      answers("name", `version: migratectl/v2\n${registry}\nrelease: { name: My_Platform }\n`),
    ],
    code: "ANSWERS_NAME_REFUSED",
    exit: 2,
  },
  {
    wrong: "a password in clear",
    args: () => [
      "render",
      "--out",
      folder,
      "--yes",
      "--answers",
      answers("clear", "version: migratectl/v2\nregistry: { host: r.example, password: canary-7f3a }\n"),
    ],
    code: "ANSWERS_SECRET_IN_CLEAR",
    exit: 2,
  },
  {
    wrong: "a missing answer under --yes",
    args: () => ["render", "--out", folder, "--yes"],
    code: "ANSWERS_MISSING",
    exit: 2,
    says: /--registry/,
  },
  { wrong: "an unknown command", args: () => ["instal"], code: "USAGE", exit: 2, says: /migratectl install/ },
  {
    wrong: "a password as a flag",
    args: () => ["install", "--registry-password=canary-7f3a"],
    code: "USAGE",
    exit: 2,
    says: /--registry-password-file/,
  },
  { wrong: "a bundle that is none", args: () => ["bundle", "inspect", answers("text", "hello")], code: "BUNDLE_INVALID", exit: 7 },
  { wrong: "a bundle that is not there", args: () => ["bundle", "inspect", join(folder, "none.bundle")], code: "FILE_UNREADABLE", exit: 2 },
];

describe("bad input", () => {
  it.each(mistakes)("tells $wrong as $code with exit $exit, a reason and a fix, and no stack trace", ({ args, code, exit, says }) => {
    const json = spawnSync(process.execPath, [cli, ...args(), "--json"], { encoding: "utf8", cwd: folder });
    expect(JSON.parse(json.stdout)).toMatchObject({
      error: { code, exit, why: expect.stringMatching(/\w/), fix: expect.stringMatching(/\w/) },
    });
    expect(json.status).toBe(exit);
    const plain = spawnSync(process.execPath, [cli, ...args()], { encoding: "utf8", cwd: folder });
    expect(plain.status).toBe(exit);
    expect(plain.stdout).toBe("");
    expect(plain.stderr).toMatch(new RegExp(`${code}[^]*why [^]*fix `));
    expect(plain.stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
    if (says !== undefined) expect(plain.stderr).toMatch(says);
    expect(plain.stderr + json.stdout).not.toContain("canary");
  });

  it("gives up on an API server that never answers when --timeout has passed", async () => {
    const silent = createServer(() => {});
    const port = await new Promise<number>((resolve) =>
      silent.listen(0, "127.0.0.1", () => resolve((silent.address() as AddressInfo).port)),
    );
    try {
      const ended = await outcome([
        "status",
        "--kubeconfig",
        kubeconfig("silent", "{ token: t }", `http://127.0.0.1:${port}`),
        "--timeout",
        "2s",
        "--json",
      ]);
      expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: "DEADLINE", exit: 5 } });
      expect(ended.code).toBe(5);
    } finally {
      silent.close();
      silent.closeAllConnections();
    }
  });

  it("names what is cut off or altered in a bundle", async () => {
    const cut = join(folder, "cut.bundle");
    copyFileSync(site.bundle, cut);
    truncateSync(cut, 5_000_000);
    const truncated = spawnSync(process.execPath, [cli, "bundle", "verify", cut, "--json"], { encoding: "utf8" });
    expect(truncated.status).toBe(7);
    expect(JSON.parse(truncated.stdout)).toMatchObject({ error: { code: "BUNDLE_TRUNCATED" } });

    const altered = join(folder, "altered.bundle");
    copyFileSync(site.bundle, altered);
    const file = openSync(altered, "r+");
    writeSync(file, Buffer.from("!"), 0, 1, 20_000_000);
    const verified = spawnSync(process.execPath, [cli, "bundle", "verify", altered], { encoding: "utf8" });
    expect(verified.status).toBe(7);
    expect(verified.stderr).toMatch(/BUNDLE_ALTERED .* is altered: \S+/);
  });

  it("tells a wrong registry password and an unknown CA apart, before anything is sent", async () => {
    const password = answers("wrong-password", "canary-wrong-password\n");
    const { registry: target } = site.sandbox;
    if (target === null) throw new Error("the sandbox has no registry");
    const wrong = await migratectl(site, [
      "bundle",
      "push",
      site.bundle,
      "--registry",
      target.host,
      "--registry-username",
      target.username,
      "--registry-password-file",
      password,
      "--registry-ca",
      target.caFile,
      "--json",
    ]);
    expect(wrong.code).toBe(7);
    expect(JSON.parse(wrong.stdout)).toMatchObject({ error: { code: "REGISTRY_UNAUTHORIZED" } });
    expect(wrong.stdout + wrong.stderr).not.toContain("canary");
    const unknown = await migratectl(site, [
      "bundle",
      "push",
      site.bundle,
      "--registry",
      target.host,
      "--registry-username",
      target.username,
      "--registry-password-file",
      target.passwordFile,
      "--json",
    ]);
    expect(JSON.parse(unknown.stdout)).toMatchObject({ error: { code: "REGISTRY_UNTRUSTED" } });
  });

  it("fails preflight, with exit 3 and every finding told, on a cluster without an ingress class of the name and a class that cannot bind", async () => {
    const path = await answersFile(site, "wrong", {
      storage: { className: "no-such-class" },
      ingress: { className: "traefik", host: "migrate.client.example" },
    });
    const ended = await migratectl(site, ["preflight", "--answers", path, "--bundle", site.bundle, "--json"]);
    expect(ended.code).toBe(3);
    const { findings } = JSON.parse(ended.stdout) as { readonly findings: readonly { readonly check: string; readonly verdict: string }[] };
    const failed = findings.filter(({ verdict }) => verdict === "fail").map(({ check }) => check);
    expect(failed).toEqual(expect.arrayContaining(["ingress-class", "storage-class"]));
    expect(findings.length).toBeGreaterThan(failed.length + 5);
  });

  it("says that nothing is installed where nothing is", async () => {
    const ended = await migratectl(site, ["status", "--namespace", "nothing-here", "--json"]);
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: "STATUS_NOT_INSTALLED" } });
    expect(ended.code).not.toBe(0);
  });
});
