import { describe, expect, it } from "vitest";
import { createAuthority } from "../../fakes/certificates.ts";
import { ago, deployment, podOf } from "../../fakes/rollout-objects.ts";
import { made, type Scene, service, signal } from "./scene.ts";

/** Last lines of containers. */
export function logContract(scene: Scene): void {
  describe("logTail", () => {
    it("gives the last lines of the present or the previous run, oldest first, without the empty ones", async () => {
      const scope = await scene.fresh();
      const backend = deployment("backend");
      const pod = podOf(backend);
      const logs = { [`${pod.name}/main/current`]: ["one", "two", "three"], [`${pod.name}/main/previous`]: ["FATAL: before"] };
      await scene.world.put(scope, { workloads: [backend], pods: [pod], logs });
      const tail = (previous: boolean, lines: number) =>
        scene.world.workloads.logTail(scope.namespace, { pod: pod.name, container: "main", previous }, lines, signal);
      expect(await tail(false, 2)).toEqual({ kind: "known", value: ["two", "three"] });
      expect(await tail(false, 12)).toEqual({ kind: "known", value: ["one", "two", "three"] });
      expect(await tail(true, 12)).toEqual({ kind: "known", value: ["FATAL: before"] });
    });

    it("is unavailable for a container without such a log and for a pod that is not there", async () => {
      const scope = await scene.fresh();
      const backend = deployment("backend");
      await scene.world.put(scope, { workloads: [backend], pods: [podOf(backend)] });
      const tail = (pod: string, container: string) =>
        scene.world.workloads.logTail(scope.namespace, { pod, container, previous: true }, 12, signal);
      expect(await tail("backend-x2x4z", "main")).toMatchObject({ kind: "unavailable", message: expect.stringContaining("main") });
      expect(await tail("backend-gone", "main")).toMatchObject({ kind: "unavailable", message: expect.stringContaining("backend-gone") });
    });
  });
}

/** What belongs to a release besides its pods. */
export function surroundingsContract(scene: Scene): void {
  describe("what surrounds a release", () => {
    it("are its ways in, one per host, with class, certificate's Secret and published address", async () => {
      const scope = await scene.fresh();
      const common = { kind: "Ingress", name: "platform", className: "nginx", addresses: ["10.0.0.7", "lb.client.example"] } as const;
      const entryPoints = [
        {
          ...common,
          host: "migrate.client.example",
          tls: true,
          tlsSecret: "platform-tls",
          paths: [
            { path: "/api", service: "backend" },
            { path: "/", service: "frontend" },
          ],
        },
        { ...common, host: "plain.client.example", tls: false, paths: [{ path: "/", service: "frontend" }] },
      ];
      await scene.world.put(scope, { entryPoints });
      expect(await scene.world.workloads.entryPoints(scope, signal)).toEqual({ kind: "known", value: entryPoints });
    });

    it("are its Services with ports by number and by name", async () => {
      const scope = await scene.fresh();
      const services = [
        service("backend"),
        {
          name: "postgres",
          component: "postgres",
          type: "ClusterIP",
          ports: [
            { name: "sql", port: 5432, targetPort: "postgres" },
            { name: "metrics", port: 9187, targetPort: "9187" },
          ],
        },
      ];
      await scene.world.put(scope, { services });
      expect(await scene.world.workloads.services(scope, signal)).toEqual({ kind: "known", value: services });
    });

    it("are autoscalers with figures, without those that are unknown, and with what keeps them from scaling", async () => {
      const scope = await scene.fresh();
      const autoscalers = [
        {
          name: "backend",
          target: { kind: "Deployment", name: "backend" },
          minimum: 2,
          maximum: 5,
          metrics: [
            { name: "cpu", target: "70%", current: "12%" },
            { name: "queue-depth", target: "5" },
          ],
        },
        {
          name: "worker",
          target: { kind: "Deployment", name: "worker" },
          minimum: 1,
          maximum: 9,
          metrics: [{ name: "memory", target: "80%" }],
          trouble: { reason: "FailedGetResourceMetric", message: "no metrics known" },
        },
      ];
      await scene.world.put(scope, { autoscalers });
      expect(await scene.world.workloads.autoscalers(scope, signal)).toEqual({ kind: "known", value: autoscalers });
    });

    it("are CronJobs with their last runs", async () => {
      const scope = await scene.fresh();
      const cronJobs = [
        {
          name: "backup-full",
          component: "backup",
          schedule: "0 1 * * 0",
          suspended: false,
          createdAt: ago(0),
          lastScheduled: ago(7200),
          lastSuccessful: ago(7000),
          active: 1,
        },
        { name: "backup-incremental", component: "backup", schedule: "0 * * * *", suspended: true, createdAt: ago(0), active: 0 },
      ];
      await scene.world.put(scope, { cronJobs });
      expect(await scene.world.workloads.cronJobs(scope, signal)).toEqual({ kind: "known", value: cronJobs.map(made) });
    });

    it("are the public parts of its certificates, never a key", async () => {
      const scope = await scene.fresh();
      const authority = createAuthority("client CA");
      const pair = authority.issue(["migrate.client.example", "*.apps.client.example"]);
      await scene.world.put(scope, { tlsSecrets: { tls: { ...pair, ca: authority.pem }, bare: "none" } });
      const read = (secret: string) => scene.world.workloads.certificate(scope.namespace, secret, signal);
      const found = await read("tls");
      expect(found).toMatchObject({
        kind: "known",
        value: {
          chainPem: pair.cert,
          caPem: authority.pem,
          facts: {
            names: ["migrate.client.example", "*.apps.client.example"],
            issuer: "CN=client CA",
            selfSigned: false,
            fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
          },
        },
      });
      expect(JSON.stringify(found)).not.toContain("PRIVATE KEY");
      expect(await read("absent")).toEqual({ kind: "known", value: undefined });
      expect(await read("bare")).toMatchObject({ kind: "unavailable", message: expect.stringContaining("no tls.crt") });
    });

    it("are what Helm's newest revision says, and nothing for a release that Helm does not know", async () => {
      const scope = await scene.fresh();
      const revision = (number: number, status: string) => ({
        revision: number,
        status,
        chartName: "migrate-platform",
        chartVersion: "1.1.0",
        appVersion: "1.1.0",
        deployedAt: ago(3600),
        profile: "small",
      });
      await scene.world.put(scope, { helm: [revision(9, "superseded"), revision(10, "deployed")] });
      expect(await scene.world.workloads.helmRelease(scope, signal)).toEqual({ kind: "known", value: revision(10, "deployed") });
      expect(await scene.world.workloads.helmRelease({ ...scope, release: "shop" }, signal)).toEqual({ kind: "known", value: undefined });
    });
  });
}
