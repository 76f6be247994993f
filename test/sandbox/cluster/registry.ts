import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { attemptInside, runInside, type SandboxDocument } from "../index.ts";
import { busyboxImage } from "../node/images.ts";
import type { KubernetesObject } from "../node/objects/system-pod.ts";
import { until } from "../until.ts";
import { apply, type Cluster, makeNamespace, read, waitFor } from "./kubectl.ts";

const namespace = "pulls";
const repository = "tools/busybox";

const Pod = z.object({
  status: z.object({
    containerStatuses: z
      .array(
        z.object({
          imageID: z.string(),
          state: z.object({ waiting: z.object({ reason: z.string(), message: z.string().optional() }).optional() }),
        }),
      )
      .default([]),
  }),
});

const registryOf = ({ registry }: SandboxDocument) => {
  if (!registry) throw new Error("a sandbox of mode cluster has a registry");
  return { ...registry, password: readFileSync(registry.passwordFile, "utf8") };
};

const logins = (host: string, username: string, password: string): string =>
  JSON.stringify({ auths: { [host]: { auth: Buffer.from(`${username}:${password}`).toString("base64") } } });

const pullSecret = (name: string, dockerConfig: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace },
  type: "kubernetes.io/dockerconfigjson",
  stringData: { ".dockerconfigjson": dockerConfig },
});

const pulling = (name: string, image: string, secret?: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace },
  spec: {
    terminationGracePeriodSeconds: 0,
    ...(secret && { imagePullSecrets: [{ name: secret }] }),
    containers: [{ name: "main", image, imagePullPolicy: "Always", command: ["/bin/sleep", "86400"] }],
  },
});

/** The client's registry, as containerd and a person with skopeo meet it. */
export const describeRegistry = (cluster: Cluster) =>
  describe("the client's registry", () => {
    const dir = mkdtempSync(join(tmpdir(), "sandbox-registry-"));
    const imageOf = (tag: string): string => `${registryOf(cluster()).host}/${repository}:${tag}`;

    const push = (tag: string, password: string) => {
      const { host, username } = registryOf(cluster());
      const authfile = join(dir, "auth.json");
      writeFileSync(authfile, logins(host, username, password), { mode: 0o600 });
      const archive = `docker-archive:${join(cluster().stateDir, "node-images.tar")}:${busyboxImage}`;
      const flags = ["--insecure-policy", "copy", "--quiet", `--authfile=${authfile}`, `--dest-cert-dir=${dir}`];
      return attemptInside(cluster(), ["skopeo", ...flags, archive, `docker://${imageOf(tag)}`]);
    };

    const refusal = (pod: string): Promise<string> =>
      until(
        `the reason why ${pod} does not start`,
        async () => {
          const { status } = await read(cluster(), Pod, `--namespace=${namespace}`, "pod", pod);
          const waiting = status.containerStatuses[0]?.state.waiting;
          return waiting?.reason === "ErrImagePull" ? waiting.message : undefined;
        },
        { deadlineMs: 60_000, pauseMs: 200 },
      );

    beforeAll(async () => {
      const { host, username, password, caFile } = registryOf(cluster());
      writeFileSync(join(dir, "ca.crt"), readFileSync(caFile));
      await makeNamespace(cluster(), namespace);
      await apply(
        cluster(),
        pullSecret("right", logins(host, username, password)),
        pullSecret("wrong", logins(host, username, `${password}x`)),
      );
    });

    afterAll(() => rmSync(dir, { recursive: true, force: true }));

    test("a push with the password succeeds, and without the right one it does not", async () => {
      const { password } = registryOf(cluster());
      const refused = await push("1", "guessed");
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toContain("authentication required");
      expect(await push("1", password)).toMatchObject({ code: 0 });
    });

    test("its certificate is not trusted without the client's CA", async () => {
      const { host } = registryOf(cluster());
      const { code, stderr } = await attemptInside(cluster(), ["curl", "--silent", "--show-error", `https://${host}/v2/`]);
      expect(code).not.toBe(0);
      expect(stderr).toContain("unable to get local issuer certificate");
    });

    test("a pod with the right pull secret runs the image", async () => {
      await apply(cluster(), pulling("right", imageOf("1"), "right"));
      await waitFor(cluster(), namespace, "pod/right", "condition=Ready");
      const { status } = await read(cluster(), Pod, `--namespace=${namespace}`, "pod", "right");
      expect(status.containerStatuses[0]?.imageID).toContain(`${repository}@sha256:`);
    });

    test.each([
      ["a wrong pull secret", "wrong", "wrong"],
      ["no pull secret", "without", undefined],
    ])("a pod with %s is refused the image that the node has already", async (_, name, secret) => {
      await apply(cluster(), pulling(name, imageOf("1"), secret));
      expect(await refusal(name)).toMatch(/401 Unauthorized|no basic auth credentials|authorization failed/);
    });

    test("an image that is not there is said to be not found, rather than to have an unknown certificate", async () => {
      await apply(cluster(), pulling("missing", imageOf("never-pushed"), "right"));
      const message = await refusal("missing");
      expect(message).toContain("not found");
      expect(message).not.toContain("x509");
    });

    test("pods and the node's own programs know it by the same name", async () => {
      const { host, caFile, username, passwordFile } = registryOf(cluster());
      const config = `user = "${username}:${readFileSync(passwordFile, "utf8")}"\n`;
      const flags = ["--silent", "--show-error", "--fail", "--config", "-", "--cacert", caFile];
      const tags = await runInside(cluster(), ["curl", ...flags, `https://${host}/v2/${repository}/tags/list`], { input: config });
      expect(JSON.parse(tags)).toEqual({ name: repository, tags: ["1"] });
      const name = host.split(":")[0] ?? "";
      const lookup = ["kubectl", "exec", "right", `--namespace=${namespace}`, "--", "nslookup", "-type=a", name];
      expect(await runInside(cluster(), lookup)).toContain("Address: 10.200.0.1");
    });
  });
