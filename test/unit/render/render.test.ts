import { describe, expect, test } from "vitest";
import { createTemplates } from "../../../src/adapters/templates/handlebars.ts";
import { templatesFolder } from "../../../src/adapters/templates/package-folder.ts";
import { renderPresenter } from "../../../src/cli/presenters/render.ts";
import { createStyle } from "../../../src/cli/presenters/style.ts";
import { resolveAnswers } from "../../../src/domain/answers/resolve.ts";
import { renderRelease } from "../../../src/workflow/render/render-release.ts";
import { renderToFolder } from "../../../src/workflow/render/render-to-folder.ts";
import { FakeHelm } from "../../fakes/fake-helm.ts";
import { MemoryWorkFolder } from "../../fakes/memory-work-folder.ts";
import { sampleRelease } from "../../fakes/sample-release.ts";

const signal = new AbortController().signal;
const manifests = `kind: StatefulSet
metadata: { name: postgres }
spec:
  replicas: 1
  template: { spec: { containers: [{ name: postgres, image: "r.example/x/postgres:1" }] } }
  volumeClaimTemplates: [{ metadata: { name: data }, spec: { resources: { requests: { storage: 200Gi } } } }]
---
kind: Deployment
metadata: { name: backend }
spec: { template: { spec: { containers: [{ name: b, image: "r.example/x/backend:1" }] } } }
---
kind: HorizontalPodAutoscaler
metadata: { name: backend }
spec: { scaleTargetRef: { name: backend }, minReplicas: 2, maxReplicas: 5 }
---
kind: CronJob
metadata: { name: backup-full }
spec: { schedule: 0 2 * * 0, jobTemplate: {} }
---
kind: Service
metadata: { name: backend }
spec: { ports: [{ port: 8000 }] }
`;
const ports = () => ({ helm: new FakeHelm(() => manifests), templates: createTemplates(templatesFolder()) });
const request = (flags: Record<string, unknown> = {}) => ({
  answers: resolveAnswers({ flags: { registry: "r.example/x", "ingress-host": "a.example", ...flags }, environment: {} }),
  release: sampleRelease,
  chart: "/chart",
  capabilities: { kubeVersion: "v1.34.4", apiVersions: ["v1"] },
});
const documentOf = async (name: string, flags: Record<string, unknown> = {}) =>
  (await renderRelease(request(flags), ports(), signal)).documents.find((one) => one.name === name)?.content ?? "";

describe("rendering a release", () => {
  test("gives install the very input that the manifests were made from", async () => {
    const seen: unknown[] = [];
    const helm = new FakeHelm((render) => {
      seen.push(render);
      return manifests;
    });
    const rendered = await renderRelease(request(), { ...ports(), helm }, signal);
    expect(seen).toEqual([rendered.render]);
    expect(rendered.render).toEqual({
      release: "migrate-platform",
      namespace: "migrate-platform",
      chart: "/chart",
      values: rendered.values,
      kubeVersion: "v1.34.4",
      apiVersions: ["v1"],
    });
    expect(rendered.images).toEqual(["r.example/x/backend:1", "r.example/x/postgres:1"]);
  });

  test("gives the same bytes for the same request", async () => {
    const [first, second] = [new MemoryWorkFolder(), new MemoryWorkFolder()];
    const results = [
      await renderToFolder(request(), { ...ports(), folder: first }, false, signal),
      await renderToFolder(request(), { ...ports(), folder: second }, false, signal),
    ];
    expect(first.files).toEqual(second.files);
    expect(results[0]).toEqual(results[1]);
    expect([...first.files.keys()].sort()).toEqual(["configuration.md", "manifests.yaml", "operations.md", "values.yaml"]);
  });

  test("writes nothing in a dry run, and says so", async () => {
    const folder = new MemoryWorkFolder();
    const result = await renderToFolder(request({ profile: "trial" }), { ...ports(), folder }, true, signal);
    expect(folder.files.size).toBe(0);
    const text = renderPresenter.text(result, createStyle(false));
    expect(text).toContain("would be written to /memory");
    expect(text).toContain("for evaluation only");
    expect(text).toContain("2 images, 0 of them by digest");
    expect(renderPresenter.schema.safeParse(renderPresenter.json(result)).success).toBe(true);
  });
});

describe("the client's documents", () => {
  test("tell what runs, what is kept and when, in the client's own names", async () => {
    const text = await documentOf("operations.md", { namespace: "client-acme" });
    for (const line of [
      "| Deployment | `backend` | 2 to 5 |",
      "| StatefulSet | `postgres` | 1 |",
      "| `data-postgres-N` | 200Gi | 1 |",
      "| `backup-full` | `0 2 * * 0` |",
      "| `backend` | 8000 |",
      "https://a.example/api/v1/version",
    ])
      expect(text).toContain(line);
    expect(text).toContain("kubectl -n client-acme logs");
  });

  test("say of the trial profile that it is for evaluation only, and of no other", async () => {
    for (const name of ["operations.md", "configuration.md"]) {
      expect(await documentOf(name, { profile: "trial" })).toContain("Evaluation only");
      expect(await documentOf(name, { profile: "small" })).not.toContain("Evaluation only");
    }
  });

  test("tell where secrets come from and never a secret", async () => {
    const text = await documentOf("configuration.md", { "registry-username": "bot", "registry-password-file": "/run/pw" });
    expect(text).toContain("password from the file /run/pw");
    expect(text).toContain("`registry-credentials`");
  });

  test("say what of the backups is kept, and where", async () => {
    expect(await documentOf("operations.md")).toMatch(/4 full backups are kept\. The repository is the claim/);
    const bucket = {
      "backup-repository": "gcs",
      "backup-bucket": "acme",
      "backup-credential-file": "/sa",
      "backup-egress-cidr": ["203.0.113.0/24"],
    };
    const flags = { ...bucket, "backup-retention-days": "30" };
    expect(await documentOf("operations.md", flags)).toMatch(
      /every moment of the last 30 days can be restored\. The repository is the bucket `acme`/,
    );
    expect(await documentOf("configuration.md", flags)).toMatch(/backup repository \| bucket `acme`.*what reaches back 30 days is kept/s);
  });

  test("say how to reach an installation that is not published", async () => {
    expect(await documentOf("operations.md", { ingress: false })).toContain("port-forward svc/frontend");
  });

  test("leave no trace of a template, whatever the answers", async () => {
    for (const flags of [
      {},
      { ingress: false },
      { tls: "cert-manager", "tls-issuer": "x" },
      { "llm-url": "https://llm.example" },
      { context: "prod", set: ["a=1"] },
    ]) {
      for (const name of ["operations.md", "configuration.md"])
        expect(await documentOf(name, flags)).not.toMatch(/\{\{|undefined|\[object/);
    }
  });
});
