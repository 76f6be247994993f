import { network } from "../../layout.ts";
import { busyboxImage } from "../images.ts";
import { accountWithRules, type KubernetesObject, systemDeployment } from "./system-pod.ts";

const namespace = "local-path-storage";
const provisioner = "rancher.io/local-path";

/** The two classes: the one that works and is the default, and the one whose provisioner nobody runs. */
export const storageClassNames = { default: "standard", neverBinds: "never-binds" } as const;

const helperPod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "helper-pod" },
  spec: { containers: [{ name: "helper-pod", image: busyboxImage, imagePullPolicy: "Never" }] },
};

const storageClass = (name: string, by: string, annotations: Readonly<Record<string, string>>): KubernetesObject => ({
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name, annotations } as KubernetesObject["metadata"],
  provisioner: by,
  allowVolumeExpansion: true,
  reclaimPolicy: "Delete",
  volumeBindingMode: "WaitForFirstConsumer",
});

/** Dynamic volumes below `volumes` on the node, and the storage classes. */
export const storage = (binDir: string, volumes: string): readonly KubernetesObject[] => [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
  ...accountWithRules(namespace, "local-path-provisioner", [
    { apiGroups: [""], resources: ["nodes", "persistentvolumeclaims", "configmaps", "pods", "pods/log"], verbs: ["get", "list", "watch"] },
    { apiGroups: [""], resources: ["persistentvolumes", "pods"], verbs: ["get", "list", "watch", "create", "patch", "update", "delete"] },
    { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch"] },
    { apiGroups: ["storage.k8s.io"], resources: ["storageclasses"], verbs: ["get", "list", "watch"] },
    {
      apiGroups: ["", "coordination.k8s.io"],
      resources: ["endpoints", "leases"],
      verbs: ["get", "list", "watch", "create", "update", "patch"],
    },
  ]),
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "local-path-config", namespace },
    data: {
      "config.json": JSON.stringify({ nodePathMap: [{ node: network.nodeName, paths: [volumes] }] }),
      setup: '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "$VOL_DIR"\n',
      teardown: '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"\n',
      "helperPod.yaml": JSON.stringify(helperPod),
    },
  },
  systemDeployment({
    namespace,
    name: "local-path-provisioner",
    labels: { app: "local-path-provisioner" },
    image: busyboxImage,
    serviceAccountName: "local-path-provisioner",
    command: [
      "/bin/sh",
      "-c",
      'echo "$CONFIG" > /tmp/config.json && echo "$HELPER" > /tmp/helper.yaml && exec /opt/bin/local-path-provisioner start --config /tmp/config.json --helper-pod-file /tmp/helper.yaml --service-account-name local-path-provisioner --helper-image "$IMAGE"',
    ],
    env: [
      { name: "POD_NAMESPACE", value: namespace },
      { name: "CONFIG_MOUNT_PATH", value: "/tmp" },
      { name: "IMAGE", value: busyboxImage },
      { name: "CONFIG", valueFrom: { configMapKeyRef: { name: "local-path-config", key: "config.json" } } },
      { name: "HELPER", valueFrom: { configMapKeyRef: { name: "local-path-config", key: "helperPod.yaml" } } },
    ],
    directories: [{ from: binDir, to: "/opt/bin" }],
    requests: { cpu: "10m", memory: "32Mi" },
    ports: [],
    readinessProbe: { exec: { command: ["/bin/test", "-s", "/tmp/helper.yaml"] } },
  }),
  storageClass(storageClassNames.default, provisioner, { "storageclass.kubernetes.io/is-default-class": "true" }),
  storageClass(storageClassNames.neverBinds, "storage.client.example/absent", {}),
];
