import { busyboxImage } from "../node/images.ts";
import type { KubernetesObject } from "../node/objects/system-pod.ts";

/** What a pod of the tests does and needs. */
export type PodOptions = {
  readonly namespace: string;
  readonly name: string;
  /** A shell command; a pod without one sleeps. */
  readonly command?: string;
  readonly resources?: object;
  /** A claim that is mounted at /data. */
  readonly claim?: string;
};

/** A web server on port 8080 that answers every GET of / with `text`. */
export const serving = (text: string): string => `echo ${text} > /www/index.html && exec httpd -f -p 8080 -h /www`;

const podSpec = ({ command = "exec sleep 86400", resources = {}, claim }: PodOptions) => ({
  terminationGracePeriodSeconds: 0,
  automountServiceAccountToken: false,
  containers: [
    {
      name: "main",
      image: busyboxImage,
      imagePullPolicy: "Never",
      command: ["/bin/sh", "-c", command],
      resources,
      ...(claim && { volumeMounts: [{ name: "data", mountPath: "/data" }] }),
    },
  ],
  ...(claim && { volumes: [{ name: "data", persistentVolumeClaim: { claimName: claim } }] }),
});

/** A pod with the label `app` that has its name. */
export const pod = (options: PodOptions): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: options.name, namespace: options.namespace, labels: { app: options.name } },
  spec: podSpec(options),
});

/** A Deployment of one such pod. */
export const deployment = (options: PodOptions): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: options.name, namespace: options.namespace },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: options.name } },
    template: { metadata: { labels: { app: options.name } }, spec: podSpec(options) },
  },
});
