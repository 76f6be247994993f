// The story of a sandbox coming up. Runs inside the sandbox's namespaces, as the child of their first process.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { writeFirstConfig } from "../controllers/ingress/files.ts";
import { readJson, type SandboxDocument, Settings } from "../document.ts";
import { layoutOf, network } from "../layout.ts";
import { run } from "../run.ts";
import { until } from "../until.ts";
import { type Api, connectApi, create } from "./api.ts";
import { apiServer, containerd, controllers, etcd, kubelet, registry, sandboxControllers } from "./daemon-list.ts";
import { Supervisor } from "./daemons.ts";
import { writeNodeImages } from "./images.ts";
import { prepareMounts, prepareNetwork } from "./machine.ts";
import { registryUser, writeNodeConfig } from "./node-config.ts";
import { clientNamespace } from "./objects/client.ts";
import { dns } from "./objects/dns.ts";
import { ingress, ingressClassName } from "./objects/ingress.ts";
import { metrics } from "./objects/metrics.ts";
import { storage, storageClassNames } from "./objects/storage.ts";
import { createPki, kubeconfigFor } from "./pki.ts";
import { nodeIsReady, podsAreReady, serviceAccountExists } from "./readiness.ts";

const [name] = process.argv.slice(2);
if (!name) throw new Error("usage: main.ts NAME");
const layout = layoutOf(name);
const settings = readJson(Settings, layout.settings);
const deadline = { deadlineMs: 110_000 };

const writeKubeconfigs = (): void => {
  const server = `https://${settings.apiServer.address}:${settings.apiServer.port}`;
  for (const user of ["controller-manager", "scheduler", "proxy", "node"] as const) {
    writeFileSync(join(layout.pki, `${user}.kubeconfig`), kubeconfigFor(layout, user, server), { mode: 0o600 });
  }
  writeFileSync(layout.kubeconfigs.admin, kubeconfigFor(layout, "admin", server), { mode: 0o600 });
  writeFileSync(layout.kubeconfigs.namespaced, kubeconfigFor(layout, "namespaced", server, network.clientNamespace), { mode: 0o600 });
};

const startControlPlane = async (supervisor: Supervisor): Promise<Api> => {
  supervisor.start(etcd(layout, settings));
  supervisor.start(apiServer(layout, settings));
  const api = connectApi(layout, settings);
  await until("the API server", async () => ((await api("GET", "/readyz")).status === 200 ? true : undefined), deadline);
  return api;
};

const startContainerd = async (supervisor: Supervisor): Promise<void> => {
  const images = await writeNodeImages(layout.root);
  supervisor.start(containerd(layout, settings));
  const socket = "/run/containerd/containerd.sock";
  await until("containerd", () => (existsSync(socket) ? true : undefined), deadline);
  await until(
    "containerd's images",
    async () => run(["ctr", "--address", socket, "--namespace", "k8s.io", "images", "import", images]),
    deadline,
  );
};

const registryAnswers = (): Promise<true> =>
  new Promise((resolve, reject) => {
    const socket = connect(network.registryPort, network.nodeAddress, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", reject);
  });

const startCluster = async (supervisor: Supervisor): Promise<void> => {
  await Promise.all([prepareNetwork(), writeNodeConfig(layout, randomBytes(18).toString("base64url"))]);
  writeFirstConfig(layout.ingressConfig, layout.pki);
  supervisor.start(registry(layout, settings));
  const [api] = await Promise.all([startControlPlane(supervisor), startContainerd(supervisor)]);
  for (const make of [...controllers, kubelet, sandboxControllers]) supervisor.start(make(layout, settings));
  await create(api, [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: network.ingressNamespace } },
    ...clientNamespace(network.clientNamespace),
    ...storage(settings.binDir, layout.volumes),
    ...dns(settings.binDir),
    ...ingress(layout.ingressConfig),
    ...metrics(settings.binDir),
  ]);
  await until("the node", () => nodeIsReady(api), deadline);
  await until("the default ServiceAccount", () => serviceAccountExists(api, network.clientNamespace), deadline);
  await until("the registry", registryAnswers, deadline);
  for (const [namespace, deployment] of [
    ["kube-system", "coredns"],
    ["local-path-storage", "local-path-provisioner"],
    [network.ingressNamespace, "ingress-nginx-controller"],
  ] as const) {
    await until(deployment, () => podsAreReady(api, namespace, deployment), deadline);
  }
};

const startControlPlaneAlone = async (supervisor: Supervisor): Promise<void> => {
  const api = await startControlPlane(supervisor);
  await create(api, clientNamespace(network.clientNamespace));
  // The controller that makes it elsewhere does not run here, and without it no pod is admitted.
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "default" } };
  await until("the default namespace", () => create(api, [account]).then(() => true), deadline);
};

const describe = (startedAt: string, kubernetesVersion: string): Omit<SandboxDocument, "pid" | "daemons"> => {
  const cluster = settings.mode === "cluster";
  return {
    name: settings.name,
    mode: settings.mode,
    startedAt,
    stateDir: layout.root,
    logDir: layout.logs,
    binDir: settings.binDir,
    cpus: settings.cpus,
    kubernetesVersion,
    apiServer: `https://${settings.apiServer.address}:${settings.apiServer.port}`,
    kubeconfigs: layout.kubeconfigs,
    clientNamespace: network.clientNamespace,
    registry: cluster
      ? {
          host: `${network.registryHost}:${network.registryPort}`,
          caFile: layout.registryCa,
          username: registryUser,
          passwordFile: layout.registryPasswordFile,
        }
      : null,
    ingress: cluster
      ? {
          address: network.nodeAddress,
          host: network.ingressHost,
          className: ingressClassName,
          namespace: network.ingressNamespace,
        }
      : null,
    storageClasses: cluster ? storageClassNames : null,
  };
};

try {
  const startedAt = new Date().toISOString();
  mkdirSync(layout.logs, { recursive: true });
  const supervisor = new Supervisor(layout);
  if (settings.mode === "cluster") await prepareMounts(layout, settings);
  await createPki(layout, settings.apiServer.address);
  writeKubeconfigs();
  if (settings.mode === "cluster") await startCluster(supervisor);
  else await startControlPlaneAlone(supervisor);
  const version = await run([settings.tools.kubectl ?? join(settings.binDir, "kubectl"), "version", "--client", "--output=json"]);
  supervisor.note("ready");
  writeFileSync(`${layout.ready}.new`, JSON.stringify(describe(startedAt, JSON.parse(version).clientVersion.gitVersion), null, 2));
  renameSync(`${layout.ready}.new`, layout.ready);
} catch (error) {
  writeFileSync(layout.failed, error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
}
