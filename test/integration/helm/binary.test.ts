import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { createHelm, createRenderer } from "../../../src/adapters/helm/helm.ts";
import { runHelm } from "../../../src/adapters/helm/run.ts";
import { createTemplates } from "../../../src/adapters/templates/handlebars.ts";
import { templatesFolder } from "../../../src/adapters/templates/package-folder.ts";
import { resolveAnswers } from "../../../src/domain/answers/resolve.ts";
import { renderValues } from "../../../src/workflow/render/values.ts";
import { problemOf } from "../../fakes/problem-of.ts";
import { sampleRelease } from "../../fakes/sample-release.ts";
import { ensureToolchain } from "../../sandbox/index.ts";
import { sampleChart } from "./sample-chart.ts";

const signal = new AbortController().signal;
let folder = "";
let chart = "";
let binary = "";

beforeAll(async () => {
  binary = join((await ensureToolchain({ purposes: ["bundle"] })).binDir, "helm");
  folder = await mkdtemp(join(tmpdir(), "helm-"));
  chart = await sampleChart(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const environment = (more: Record<string, string> = {}) => ({
  PATH: process.env["PATH"] ?? "",
  HOME: folder,
  MIGRATECTL_HELM: binary,
  ...more,
});
const render = (values: unknown = {}, more: { readonly apiVersions?: readonly string[] } = {}) => ({
  release: "r",
  namespace: "ns",
  chart,
  values: stringify(values),
  kubeVersion: "v1.31.7",
  apiVersions: [],
  ...more,
});

/** A cluster that nothing here gets to. */
const connection = { kubeconfig: ["/nonexistent"], context: "x" } as const;

/** A program that takes helm's place, for what a real one cannot be made to do. */
async function program(name: string, lines: readonly string[]): Promise<string> {
  await mkdir(join(folder, name), { recursive: true });
  const path = join(folder, name, "helm");
  await writeFile(path, `#!/bin/sh\n${lines.join("\n")}\n`);
  await chmod(path, 0o755);
  return path;
}

describe("the real helm", () => {
  test("tells its version", async () => {
    expect(await createRenderer({ environment: environment() }).version(signal)).toMatch(/^4\.\d+\.\d+$/);
  });

  test("renders for the Kubernetes version and the APIs it is told, with no cluster at hand", async () => {
    const helm = createRenderer({ environment: environment({ KUBECONFIG: "/nonexistent" }) });
    const without = await helm.template(render(), signal);
    expect(without).toContain('version: "v1.31.7"');
    expect(without).not.toContain("name: optional");
    expect(await helm.template(render({}, { apiVersions: ["keda.sh/v1alpha1"] }), signal)).toContain("name: optional");
  });

  test.each(["line\nbreak: 1", "{{ .Release.Name }}", '"quoted" #x', "no", "0777", "\u2028", "'"])(
    "gets hostile text as it is: %j",
    async (text) => {
      const answers = resolveAnswers({ flags: { registry: "r.example", ingress: false }, environment: {} });
      const values = await renderValues(
        { answers: { ...answers, values: { text } }, release: sampleRelease },
        createTemplates(templatesFolder()),
      );
      const manifests = await createRenderer({ environment: environment() }).template({ ...render(), values }, signal);
      const settings = manifests.split("\n---\n").find((one) => one.includes("name: settings")) ?? "";
      expect(parse(settings.replace(/^---\n/, "")).data.text).toBe(text);
    },
  );

  test("refuses values against the chart's schema as a mistake of the answers", async () => {
    const problem = await problemOf(() => createRenderer({ environment: environment() }).template(render({ replicas: "many" }), signal));
    expect(problem.code).toBe("CHART_REFUSED");
    expect(problem.exit).toBe("usage");
    expect(problem.message).toContain("/replicas");
  });

  test("tells what a chart says when it refuses", async () => {
    expect(
      (await problemOf(() => createRenderer({ environment: environment() }).template(render({ fail: true }), signal))).message,
    ).toContain("the chart says no");
  });

  test("tells a chart that is not there", async () => {
    const problem = await problemOf(() =>
      createRenderer({ environment: environment() }).template({ ...render(), chart: "/nonexistent.tgz" }, signal),
    );
    expect(problem.code).toBe("HELM_FAILED");
    expect(problem.message).toContain("/nonexistent.tgz");
  });

  test("tells a cluster that does not answer", async () => {
    const kubeconfig = join(folder, "kubeconfig");
    const cluster = { name: "x", cluster: { server: "https://127.0.0.1:1" } };
    await writeFile(
      kubeconfig,
      stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [cluster],
        users: [{ name: "x", user: {} }],
        contexts: [{ name: "x", context: { cluster: "x", user: "x" } }],
        "current-context": "x",
      }),
    );
    expect(
      (
        await problemOf(() =>
          createHelm({ environment: environment(), connection: { kubeconfig: [kubeconfig], context: "x" } }).apply(render(), signal),
        )
      ).code,
    ).toBe("CLUSTER_UNREACHABLE");
  });

  test("writes its command line and its errors to the run's log, and no values", async () => {
    let log = "";
    const helm = createRenderer({ environment: environment(), log: async (text) => void (log += text) });
    await helm.template(render({ text: "hunter2" }), signal);
    await problemOf(() => helm.template(render({ fail: true, text: "hunter2" }), signal));
    expect(log).toContain("$ helm template r");
    expect(log).toContain("the chart says no");
    expect(log).not.toContain("hunter2");
  });
});

describe("finding helm", () => {
  test("takes MIGRATECTL_HELM before PATH, and PATH before the bundle's, which is not taken out before it is needed", async () => {
    const told = await program("told", ["echo v4.0.1"]);
    const onPath = await program("path", ["echo v4.0.2"]);
    const inBundle = await program("carried", ["echo v4.0.3"]);
    let takenOut = 0;
    const carried = async () => {
      takenOut += 1;
      return inBundle;
    };
    const version = (given: Record<string, string>) => createRenderer({ environment: given, carried }).version(signal);
    const PATH = `${join(folder, "path")}:/nonexistent`;
    expect(await version({ PATH, MIGRATECTL_HELM: told })).toBe("4.0.1");
    expect(await version({ PATH })).toBe("4.0.2");
    expect(takenOut).toBe(0);
    expect(await version({ PATH: "/nonexistent" })).toBe("4.0.3");
    expect(onPath).toContain("path/helm");
  });

  test("tells where it looked when there is none", async () => {
    expect((await problemOf(() => createRenderer({ environment: { PATH: "/nonexistent" } }).version(signal))).code).toBe("HELM_MISSING");
    const problem = await problemOf(() => createRenderer({ environment: environment({ MIGRATECTL_HELM: "/none/helm" }) }).version(signal));
    expect(problem.message).toContain("MIGRATECTL_HELM is /none/helm");
  });

  test("refuses a program that is not helm", async () => {
    const odd = await program("odd", ["exit 3"]);
    expect((await problemOf(() => createRenderer({ environment: environment({ MIGRATECTL_HELM: odd }) }).version(signal))).code).toBe(
      "HELM_MISSING",
    );
    await writeFile(join(folder, "odd", "helm"), "\u0000not a program");
    expect(
      (await problemOf(() => createRenderer({ environment: environment({ MIGRATECTL_HELM: odd }) }).template(render(), signal))).code,
    ).toBe("HELM_MISSING");
  });

  test("refuses one that is too old before anything is applied", async () => {
    const old = await program("old", [`echo "$@" >> ${join(folder, "old.log")}`, "echo v3.13.9"]);
    const problem = await problemOf(() =>
      createHelm({ environment: environment({ MIGRATECTL_HELM: old }), connection }).apply(render(), signal),
    );
    expect(problem.code).toBe("HELM_TOO_OLD");
    expect(problem.message).toContain("3.13.9");
    expect(await readFile(join(folder, "old.log"), "utf8")).not.toContain("upgrade");
  });

  test("tells of one that does not know a flag that it is too old", async () => {
    const old = await program("older", ['case "$1" in version) echo v3.9.0;; *) echo "Error: unknown flag: --x" >&2; exit 1;; esac']);
    expect(
      (await problemOf(() => createRenderer({ environment: environment({ MIGRATECTL_HELM: old }) }).template(render(), signal))).code,
    ).toBe("HELM_TOO_OLD");
  });

  test("gives helm no secret of the environment", async () => {
    const shown = join(folder, "environment");
    const spy = await program("spy", [`env > ${shown}`, "echo v4.0.0"]);
    await createRenderer({
      environment: { ...environment({ MIGRATECTL_HELM: spy }), MIGRATECTL_REGISTRY_PASSWORD: "hunter2", CLIENT_PW: "hunter2" },
      secrets: ["CLIENT_PW"],
    }).version(signal);
    expect(await readFile(shown, "utf8")).not.toContain("hunter2");
    expect(await readFile(shown, "utf8")).not.toContain("MIGRATECTL_");
  });

  test("tells a helm that was killed as killed, not as missing", async () => {
    const shot = await program("shot", ["kill -9 $$"]);
    const problem = await problemOf(() =>
      createRenderer({ environment: environment({ MIGRATECTL_HELM: shot }) }).template(render(), signal),
    );
    expect([problem.code, problem.message]).toEqual(["HELM_FAILED", "helm template was ended by SIGKILL"]);
    expect(problem.why).toContain("memory");
  });

  test("stops a helm that does not end, after a time that is told", async () => {
    const binary = await program("endless", ["exec sleep 60"]);
    const run = { binary, args: ["upgrade"], environment: environment(), input: "", deadline: 300 };
    const problem = await problemOf(() => runHelm(run, signal));
    expect([problem.code, problem.message]).toEqual(["DEADLINE", expect.stringContaining("helm upgrade did not end within")]);
  });

  test("stops a helm that floods its output", async () => {
    const flood = await program("flood", ["exec yes"]);
    const problem = await problemOf(() =>
      createRenderer({ environment: environment({ MIGRATECTL_HELM: flood }) }).template(render(), signal),
    );
    expect([problem.code, problem.message]).toEqual(["HELM_FAILED", expect.stringContaining("more output")]);
  });

  test("asks a helm 3 to take nothing over by a flag that it does not have", async () => {
    for (const [version, known] of [
      ["v3.19.5", false],
      ["v4.0.0", true],
    ] as const) {
      const seen = join(folder, `${version}.log`);
      const fake = await program(version, [`echo "$@" >> ${seen}`, `case "$1" in version) echo ${version};; *) exit 1;; esac`]);
      const helm = createHelm({ environment: environment({ MIGRATECTL_HELM: fake }), connection });
      await problemOf(() => helm.apply(render(), signal, { takeOverConflicts: true }));
      const upgrade = (await readFile(seen, "utf8")).split("\n").find((line) => line.startsWith("upgrade"));
      expect(upgrade?.includes("--force-conflicts"), version).toBe(known);
    }
  });

  test("stops a helm that is running when the command is cancelled", async () => {
    const slow = await program("slow", ["exec sleep 60"]);
    const cancel = new AbortController();
    const reason = new Error("Ctrl-C");
    const started = performance.now();
    setTimeout(() => cancel.abort(reason), 200);
    await expect(createRenderer({ environment: environment({ MIGRATECTL_HELM: slow }) }).template(render(), cancel.signal)).rejects.toBe(
      reason,
    );
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});
