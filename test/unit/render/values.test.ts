import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { createTemplates } from "../../../src/adapters/templates/handlebars.ts";
import { templatesFolder } from "../../../src/adapters/templates/package-folder.ts";
import { resolveAnswers } from "../../../src/domain/answers/resolve.ts";
import { renderValues } from "../../../src/workflow/render/values.ts";
import { sampleRelease } from "../../fakes/sample-release.ts";

const templates = createTemplates(templatesFolder());
const answersFor = (flags: Record<string, unknown> = {}, text = "") =>
  resolveAnswers({
    flags: { registry: "registry.client.example:5000/platform", "ingress-host": "a.example", ...flags },
    environment: {},
    file: { path: "m.yaml", text: `version: migratectl/v2\n${text}` },
  });
const values = async (flags: Record<string, unknown> = {}, text = "") =>
  parse(await renderValues({ answers: answersFor(flags, text), release: sampleRelease }, templates), { version: "1.1" });

describe("values for the chart", () => {
  test("name every image of the release by digest, and the registry once", async () => {
    const { image, images } = await values();
    expect(image).toEqual({ registry: "registry.client.example:5000/platform" });
    expect(Object.keys(images)).toEqual(sampleRelease.images.map(({ name }) => name));
    for (const { name, repository, tag, digest } of sampleRelease.images) expect(images[name]).toEqual({ repository, tag, digest });
  });

  test("leave to the profile what was not decided", async () => {
    const result = await values();
    for (const key of ["storageClass", "postgres", "postgresReplica", "redis", "agentPool", "llm"]) expect(result).not.toHaveProperty(key);
  });

  test("hold everything that was decided", async () => {
    const result = await values({
      "storage-class": "fast",
      "postgres-size": "300Gi",
      "backup-size": "500Gi",
      "redis-size": "20Gi",
      "postgres-replicas": "0",
      "redis-sentinel": true,
      "agent-pool": false,
      "network-policies": false,
      keda: "auto",
      "ingress-class": "nginx",
      "ingress-namespace": "edge",
      "llm-url": "http://llm.example:8080/v1",
      "llm-egress-cidr": ["203.0.113.0/24"],
    });
    expect(result).toMatchObject({
      storageClass: "fast",
      postgres: { storage: { size: "300Gi" } },
      postgresReplica: { replicas: 0, storage: { size: "300Gi" } },
      redis: { replicas: 3, storage: { size: "20Gi" } },
      agentPool: { enabled: false },
      backup: { storage: { size: "500Gi" } },
      keda: { enabled: true },
      serviceMonitor: { enabled: false },
      ingress: { className: "nginx", host: "a.example" },
      llm: { baseUrl: "http://llm.example:8080/v1", hosts: ["llm.example"] },
      networkPolicy: {
        enabled: false,
        ingressControllerNamespaceSelector: { "kubernetes.io/metadata.name": "edge" },
        llm: { cidrs: ["203.0.113.0/24"], ports: [8080] },
      },
    });
  });

  test.each([
    [{}, { mode: "self-signed", secretName: "migrate-platform-tls" }],
    [
      { "tls-cert-file": "c", "tls-key-file": "k" },
      { mode: "existing", secretName: "migrate-platform-tls" },
    ],
    [{ "tls-secret": "theirs" }, { mode: "existing", secretName: "theirs" }],
    [
      { "tls-issuer": "le", "tls-issuer-kind": "Issuer" },
      { mode: "cert-manager", secretName: "migrate-platform-tls", issuer: { name: "le", kind: "Issuer" } },
    ],
  ])("say where the certificate is: %j", async (flags, tls) => {
    expect((await values(flags)).ingress.tls).toEqual(tls);
  });

  test.each([
    [{}, []],
    [{ "registry-username": "bot", "registry-password-file": "/pw" }, [{ name: "registry-credentials" }]],
    [{ "registry-pull-secret": "theirs" }, [{ name: "theirs" }]],
  ])("name the pull secret: %j", async (flags, expected) => {
    expect((await values(flags)).imagePullSecrets).toEqual(expected);
  });

  test.each([
    [{}, { type: "count", full: 4 }],
    [{ "backup-retention-full": "9" }, { type: "count", full: 9 }],
    [{ "backup-retention-days": "30" }, { type: "time", full: 30 }],
  ])("say what of the backups is kept: %j", async (flags, retention) => {
    expect((await values(flags)).backup.retention).toEqual(retention);
  });

  test("say in which time zone the backups' times are meant", async () => {
    expect((await values()).backup.schedule.timeZone).toBe("Etc/UTC");
    expect((await values({ "backup-time-zone": "Europe/Berlin" })).backup.schedule.timeZone).toBe("Europe/Berlin");
  });

  test("never hold a secret or the place of one", async () => {
    const answers = answersFor({ "registry-username": "bot", "registry-password-file": "/run/pw" });
    const text = await renderValues({ answers, release: sampleRelease }, templates);
    expect(text).not.toContain("/run/pw");
    expect(text).not.toContain("bot");
  });

  test("say where the migrations stop, if they do", async () => {
    const input = { answers: answersFor(), release: sampleRelease };
    expect(parse(await renderValues({ ...input, migrateTo: "0003" }, templates))).toMatchObject({ migrations: { to: "0003" } });
    expect(parse(await renderValues(input, templates))).not.toHaveProperty("migrations");
  });

  test("are merged last, and deeply, with what the answers add", async () => {
    const result = await values(
      {},
      "values: { ingress: { tls: { mode: existing } }, keda: { enabled: true }, worker: { concurrency: 5 } }\n",
    );
    expect(result.ingress).toMatchObject({ host: "a.example", tls: { mode: "existing", secretName: "migrate-platform-tls" } });
    expect(result).toMatchObject({ keda: { enabled: true }, worker: { concurrency: 5 } });
  });

  test("are the same text for the same answers", async () => {
    const rendered = () => renderValues({ answers: answersFor(), release: sampleRelease }, templates);
    expect(await rendered()).toBe(await rendered());
  });
});

describe("text that would be something else in YAML", () => {
  const hostile = [
    '"',
    "'",
    "a: b #c",
    "{{ .Values.x }}",
    "{{{x}}}",
    "line\nbreak: 1",
    "no",
    "0777",
    "1e3",
    "~",
    "*x",
    "&x",
    "!x",
    "- x",
    "\u2028x",
    "\u0085x",
    "%x",
    "`x`",
    "\\n",
    "\ttab",
    "null",
    "2026-11-23",
    "",
    " ",
    "é",
    "😀",
  ];

  test.each(hostile)("stays the same text as a value that the answers add: %j", async (text) => {
    const answers = { ...answersFor(), values: { note: text, list: [text], [`key ${text}`]: 1 } };
    expect(parse(await renderValues({ answers, release: sampleRelease }, templates), { version: "1.1" })).toMatchObject({
      note: text,
      list: [text],
      [`key ${text}`]: 1,
    });
  });

  test.each(hostile)("stays the same text where the template puts it, and adds no key: %j", async (text) => {
    const answers = answersFor({ "storage-class": "x" });
    const odd = {
      ...answers,
      storage: { ...answers.storage, className: text === "" ? "x" : text },
      backup: { ...answers.backup, full: text },
    };
    const result = parse(await renderValues({ answers: odd, release: sampleRelease }, templates), { version: "1.1" });
    expect(result.storageClass).toBe(odd.storage.className);
    expect(result.backup.schedule.full).toBe(text);
    expect(Object.keys(result).sort()).toEqual(
      Object.keys(parse(await renderValues({ answers, release: sampleRelease }, templates))).sort(),
    );
  });
});
