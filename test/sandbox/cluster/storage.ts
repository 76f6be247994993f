import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { KubernetesObject } from "../node/objects/system-pod.ts";
import { until } from "../until.ts";
import { apply, type Cluster, kubectl, makeNamespace, read, waitFor } from "./kubectl.ts";
import { pod } from "./workloads.ts";

const namespace = "volumes";

const Claim = z.object({
  spec: z.object({ storageClassName: z.string(), volumeName: z.string().optional() }),
  status: z.object({ phase: z.string(), capacity: z.object({ storage: z.string() }).optional() }),
});
const Volume = z.object({ spec: z.object({ capacity: z.object({ storage: z.string() }) }) });
const Events = z.object({ items: z.array(z.object({ reason: z.string(), message: z.string() })) });

const claim = (name: string, storageClassName?: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name, namespace },
  spec: {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "200Gi" } },
    ...(storageClassName && { storageClassName }),
  },
});

/** What claims of the two storage classes get. */
export const describeStorage = (cluster: Cluster) =>
  describe("volumes", () => {
    const claimNamed = (name: string) => read(cluster(), Claim, `--namespace=${namespace}`, "persistentvolumeclaim", name);

    beforeAll(async () => {
      await makeNamespace(cluster(), namespace);
      const command = "echo kept > /data/file && exec sleep 86400";
      await apply(
        cluster(),
        claim("usual"),
        claim("hopeless", cluster().storageClasses?.neverBinds),
        pod({ namespace, name: "usual", claim: "usual", command }),
        pod({ namespace, name: "hopeless", claim: "hopeless" }),
      );
    });

    test("a claim of 200Gi without a class binds on the default one as soon as a pod uses it", async () => {
      await waitFor(cluster(), namespace, "pod/usual", "condition=Ready");
      const { spec, status } = await claimNamed("usual");
      expect(spec.storageClassName).toBe("standard");
      expect(status).toMatchObject({ phase: "Bound", capacity: { storage: "200Gi" } });
    });

    test("a claim on the class whose provisioner nobody runs stays Pending although it was asked for", async () => {
      const asked = await until(
        "the question to the absent provisioner",
        async () => {
          const events = await read(
            cluster(),
            Events,
            `--namespace=${namespace}`,
            "events",
            "--field-selector=involvedObject.kind=PersistentVolumeClaim,involvedObject.name=hopeless",
          );
          return events.items.find(({ reason }) => reason === "ExternalProvisioning");
        },
        { deadlineMs: 60_000, pauseMs: 500 },
      );
      expect(asked.message).toContain("storage.client.example/absent");
      expect((await claimNamed("hopeless")).status.phase).toBe("Pending");
      expect(await kubectl(cluster(), "get", "pod", "hopeless", `--namespace=${namespace}`, "--output=jsonpath={.status.phase}")).toBe(
        "Pending",
      );
    });

    test("a bound claim grows under its running pod, with its volume, and keeps what was written", async () => {
      const patch = JSON.stringify({ spec: { resources: { requests: { storage: "300Gi" } } } });
      await kubectl(cluster(), "patch", "persistentvolumeclaim", "usual", `--namespace=${namespace}`, `--patch=${patch}`);
      await waitFor(cluster(), namespace, "persistentvolumeclaim/usual", "jsonpath={.status.capacity.storage}=300Gi");
      const { spec } = await claimNamed("usual");
      const volume = await read(cluster(), Volume, "persistentvolume", spec.volumeName ?? "");
      expect(volume.spec.capacity.storage).toBe("300Gi");
      expect(await kubectl(cluster(), "exec", "usual", `--namespace=${namespace}`, "--", "cat", "/data/file")).toBe("kept\n");
    });

    test("a deleted claim takes its volume along", async () => {
      const { spec } = await claimNamed("usual");
      await kubectl(cluster(), "delete", "pod/usual", "persistentvolumeclaim/usual", `--namespace=${namespace}`);
      await waitFor(cluster(), namespace, `persistentvolume/${spec.volumeName}`, "delete");
    });
  });
