import { readFileSync } from "node:fs";
import type { SandboxDocument } from "../../sandbox/index.ts";
import type { Trouble } from "./root-causes.ts";
import { backend, idle, type Manifest, object, podSpec, workload } from "./root-causes-pods.ts";

/** Lets the node pull from the client's registry, or not, when the password is another. */
function pullSecret({ registry }: SandboxDocument, password?: string): Manifest {
  if (registry === null) throw new Error("the sandbox has no registry");
  const auth = Buffer.from(`${registry.username}:${password ?? readFileSync(registry.passwordFile, "utf8").trim()}`).toString("base64");
  return object("Secret", "registry-credentials", {
    type: "kubernetes.io/dockerconfigjson",
    stringData: { ".dockerconfigjson": JSON.stringify({ auths: { [registry.host]: { auth } } }) },
  });
}

/** Trouble between a pod and its first container: no image, no node, no volume. */
export function placingTroubles(sandbox: SandboxDocument): readonly Trouble[] {
  const image = `${sandbox.registry?.host}/migrate-platform/backend:9.9.9`;
  const pulled = podSpec(idle, { image, imagePullPolicy: "Always" }, { imagePullSecrets: [{ name: "registry-credentials" }] });
  return [
    {
      title: "an image tag that does not exist",
      name: "cause-image-tag",
      objects: [pullSecret(sandbox), backend(pulled)],
      kind: "image-pull",
      what: /^the registry does not have the image: registry\.client\.example:5000\/migrate-platform\/backend:9\.9\.9$/,
      object: /^Pod\/backend-/,
      fix: /migratectl bundle push BUNDLE --answers FILE$/,
    },
    {
      title: "a pull secret with a wrong password",
      name: "cause-pull-secret",
      objects: [pullSecret(sandbox, "guessed"), backend(pulled)],
      kind: "image-pull",
      what: /^the registry does not accept the node's credentials for the image: .*backend:9\.9\.9$/,
      object: /^Pod\/backend-/,
      fix: /^Check the host, user and password behind pull secret registry-credentials.*--registry-password-file/,
    },
    {
      title: "a pull secret that is not there",
      name: "cause-no-pull-secret",
      objects: [backend(pulled)],
      kind: "image-pull",
      what: /^the registry does not accept the node's credentials for the image: .*backend:9\.9\.9$/,
      object: /^Pod\/backend-/,
      fix: /^Pull secret registry-credentials is not there; migratectl install with --registry-username/,
    },
    {
      title: "a registry whose name no node can resolve",
      name: "cause-registry-name",
      objects: [backend(podSpec(idle, { image: "registry.nowhere.invalid/backend:1.0.0" }))],
      kind: "image-pull",
      what: /^the node cannot reach the registry to pull the image: registry\.nowhere\.invalid\/backend:1\.0\.0$/,
      object: /^Pod\/backend-/,
      fix: /curl -v https:\/\/registry\.nowhere\.invalid\/v2\/$/,
    },
    {
      title: "a request for more processors than the node has",
      name: "cause-cpu",
      objects: [backend(podSpec(idle, { resources: { requests: { cpu: "500" } } }))],
      kind: "scheduling",
      what: /^no node takes the pod, which asks for 500 CPU \(1 of 1: Insufficient cpu\)$/,
      object: /^Pod\/backend-/,
      fix: /free cpu.*--profile: kubectl describe nodes/,
    },
    {
      title: "a node selector that no node matches",
      name: "cause-selector",
      objects: [backend(podSpec(idle, {}, { nodeSelector: { disk: "none" } }))],
      kind: "scheduling",
      what: /^no node takes the pod, which wants a node labelled disk=none \(1 of 1: node\(s\) didn't match Pod's node affinity\/selector\)$/,
      object: /^Pod\/backend-/,
      fix: /kubectl get nodes --show-labels; kubectl label node NODE disk=none$/,
    },
    {
      title: "a claim that nobody provisions",
      name: "cause-claim",
      objects: [
        workload("StatefulSet", "postgres", podSpec(idle, { volumeMounts: [{ name: "data", mountPath: "/data" }] }), {
          volumeClaimTemplates: [
            {
              metadata: { name: "data" },
              spec: {
                accessModes: ["ReadWriteOnce"],
                storageClassName: sandbox.storageClasses?.neverBinds,
                resources: { requests: { storage: "1Gi" } },
              },
            },
          ],
        }),
      ],
      kind: "volume",
      what: /^claim data-postgres-0 is not bound: nothing answers for StorageClass "never-binds" \(provisioner storage\.client\.example\/absent\)$/,
      object: /^PersistentVolumeClaim\/data-postgres-0$/,
      fix: /kubectl -n cause-claim describe pvc data-postgres-0/,
    },
  ];
}
