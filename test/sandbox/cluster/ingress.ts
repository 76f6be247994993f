import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attemptInside, runInside, type SandboxDocument } from "../index.ts";
import type { KubernetesObject } from "../node/objects/system-pod.ts";
import { run } from "../run.ts";
import { until } from "../until.ts";
import { apply, type Cluster, kubectl, makeNamespace, waitFor } from "./kubectl.ts";
import { pod, serving } from "./workloads.ts";

const namespace = "web";
const host = "app.client.example";

const ingressOf = ({ ingress }: SandboxDocument) => {
  if (!ingress) throw new Error("a sandbox of mode cluster has an ingress controller");
  return ingress;
};

const objects = (className: string): readonly KubernetesObject[] => [
  pod({ namespace, name: "app", command: serving("app") }),
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "app", namespace },
    spec: { selector: { app: "app" }, ports: [{ port: 80, targetPort: 8080 }] },
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: {
      name: "app",
      namespace,
      annotations: { "nginx.ingress.kubernetes.io/proxy-connect-timeout": "1" },
    } as KubernetesObject["metadata"],
    spec: {
      ingressClassName: className,
      tls: [{ hosts: [host], secretName: "app-tls" }],
      rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "app", port: { number: 80 } } } }] } }],
    },
  },
];

const onlyFrom = (name: string): KubernetesObject => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "app", namespace },
  spec: {
    podSelector: {},
    policyTypes: ["Ingress"],
    ingress: [{ from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } }] }],
  },
});

/** The ingress controller, as a person outside of the cluster meets it. */
export const describeIngress = (cluster: Cluster) =>
  describe("the ingress controller", () => {
    const dir = mkdtempSync(join(tmpdir(), "sandbox-ingress-"));
    const certificate = join(dir, "tls.crt");
    const key = join(dir, "tls.key");

    const get = (scheme: "http" | "https", ...flags: readonly string[]) => {
      const resolve = [80, 443].flatMap((port) => ["--resolve", `${host}:${port}:${ingressOf(cluster()).address}`]);
      const common = [
        "--silent",
        "--show-error",
        "--max-time",
        "10",
        "--cacert",
        certificate,
        "--write-out",
        "%{http_code} %{redirect_url}",
      ];
      return attemptInside(cluster(), ["curl", ...common, ...resolve, ...flags, `${scheme}://${host}/`]);
    };

    const answers = (what: string, expected: string): Promise<true> =>
      until(what, async () => ((await get("https")).stdout === expected ? true : undefined), { deadlineMs: 30_000, pauseMs: 200 });

    beforeAll(async () => {
      const names = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`];
      await run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...names, "-keyout", key, "-out", certificate]);
      await makeNamespace(cluster(), namespace);
      await apply(cluster(), ...objects(ingressOf(cluster()).className));
      await waitFor(cluster(), namespace, "pod/app", "condition=Ready");
    });

    afterAll(() => rmSync(dir, { recursive: true, force: true }));

    test("an Ingress is told the address that it is served at", async () => {
      const { address } = ingressOf(cluster());
      await waitFor(cluster(), namespace, "ingress/app", `jsonpath={.status.loadBalancer.ingress[0].ip}=${address}`);
    });

    test("until the Secret of an Ingress exists, nobody can take its host for the real one", async () => {
      const { code, stderr } = await get("https");
      expect(code).not.toBe(0);
      expect(stderr).toContain("SSL certificate problem");
    });

    test("it serves the certificate of the Ingress' Secret, and the pod's page behind it", async () => {
      const [crt, pem] = [certificate, key].map((file) => readFileSync(file, "utf8"));
      await apply(cluster(), {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "app-tls", namespace },
        type: "kubernetes.io/tls",
        stringData: { "tls.crt": crt, "tls.key": pem },
      });
      await answers("the page under the Secret's certificate", "app\n200 ");
    });

    test("plain http is sent on to https", async () => {
      expect((await get("http", "--output", "/dev/null")).stdout).toBe(`308 https://${host}/`);
    });

    test("a host that no Ingress claims gets the controller's own certificate and 404", async () => {
      const { address } = ingressOf(cluster());
      const argv = ["curl", "--silent", "--insecure", "--output", "/dev/null", "--write-out", "%{http_code}", `https://${address}/`];
      expect(await runInside(cluster(), argv)).toBe("404");
    });

    test("a policy that does not admit the controller's namespace cuts the page off, and one that does brings it back", async () => {
      await apply(cluster(), onlyFrom("elsewhere"));
      // nginx says 504 when its own patience ends, curl says nothing when its own does; 502 would be an answer of the pod's network.
      await expect
        .poll(async () => (await get("https", "--output", "/dev/null")).stdout, { timeout: 60_000, interval: 200 })
        .toMatch(/^(504|000) $/);
      await apply(cluster(), onlyFrom(ingressOf(cluster()).namespace));
      await answers("the page under the policy", "app\n200 ");
    });

    test("a deleted Ingress is served no longer", async () => {
      await kubectl(cluster(), "delete", "ingress", "app", `--namespace=${namespace}`);
      await until(
        "the end of the page",
        async () => ((await get("https", "--insecure", "--output", "/dev/null")).stdout === "404 " ? true : undefined),
        {
          deadlineMs: 30_000,
          pauseMs: 200,
        },
      );
    });
  });
