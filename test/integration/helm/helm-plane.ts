import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { upgradeArgs } from "../../../src/adapters/helm/commands.ts";
import { createHelm } from "../../../src/adapters/helm/helm.ts";
import { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { type Connection, openConnection } from "../../../src/adapters/kubernetes/connection.ts";
import type { ChartRender, Helm } from "../../../src/ports/helm.ts";
import { down, ensureToolchain, type SandboxDocument, up } from "../../sandbox/index.ts";
import { until } from "../../sandbox/until.ts";
import { sampleChart } from "./sample-chart.ts";

const signal = new AbortController().signal;

/** A control plane of its own with the sample chart at hand; end it with {@link stop}. */
export class HelmPlane {
  readonly sandbox: SandboxDocument;
  readonly api: ApiClient;
  private readonly connection: Connection;
  private readonly folder: string;
  private readonly chart: string;

  private constructor(sandbox: SandboxDocument, folder: string, chart: string) {
    this.sandbox = sandbox;
    const { config, connection } = openConnection({ kubeconfig: sandbox.kubeconfigs.admin });
    this.api = new ApiClient(config);
    this.connection = connection;
    this.folder = folder;
    this.chart = chart;
  }

  /** Takes up to three minutes; `name` is the sandbox's, and one of that name that is there is ended first. */
  static async start(name: string): Promise<HelmPlane> {
    const toolchain = await ensureToolchain({ purposes: ["cluster", "bundle", "tests"] });
    await down(name);
    const sandbox = await up({ name, cpus: 2, mode: "control-plane", toolchain });
    const folder = await mkdtemp(join(tmpdir(), `${name}-`));
    return new HelmPlane(sandbox, folder, await sampleChart(folder));
  }

  /** The adapter over a helm binary. */
  helm(binary: string): Helm {
    return createHelm({ environment: { ...process.env, MIGRATECTL_HELM: binary }, connection: this.connection });
  }

  /** A render into a namespace of its own, which is made. */
  async renderIn(namespace: string, values: unknown = {}): Promise<ChartRender> {
    const body = { metadata: { name: namespace } };
    await this.api.request({ method: "POST", path: "/api/v1/namespaces", body, signal }, z.unknown());
    const kubeVersion = this.sandbox.kubernetesVersion;
    return { release: "r", namespace, chart: this.chart, values: stringify(values), kubeVersion, apiVersions: [] };
  }

  /** Names of the objects at an API path. */
  async names(path: string): Promise<readonly string[]> {
    const schema = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });
    return (await this.api.request({ method: "GET", path, signal }, schema)).items.map(({ metadata }) => metadata.name);
  }

  /** Waits until the newest revision of the release in a namespace has a status. */
  async statusIs(helm: Helm, namespace: string, status: string): Promise<void> {
    const probe = async () => ((await helm.find("r", namespace, signal))?.status === status ? true : undefined);
    await until(`status ${status}`, probe, { deadlineMs: 60_000 });
  }

  /**
   * Waits until helm waits for the sample chart's hook. From then on it writes nothing by itself: a helm that is stopped between making the
   * release and making its hook can write `pending-install` once more after `failed`.
   */
  async waitsInHook(namespace: string): Promise<void> {
    const path = `/apis/batch/v1/namespaces/${namespace}/jobs/before`;
    const probe = () => this.api.request({ method: "GET", path, signal }, z.unknown()).catch(() => undefined);
    await until("the hook", probe, { deadlineMs: 60_000 });
  }

  /** Starts a helm on a render that waits in a hook, and kills it there as a power cut would. */
  async killInTheMiddle(render: ChartRender, status: string, binary: string): Promise<void> {
    const argv = upgradeArgs(render, this.connection);
    const killed = spawn(binary, [...argv], { stdio: ["pipe", "ignore", "ignore"] });
    killed.stdin.end(render.values);
    await this.statusIs(this.helm(binary), render.namespace, status);
    killed.kill("SIGKILL");
  }

  async stop(): Promise<void> {
    await down(this.sandbox.name);
    await rm(this.folder, { recursive: true, force: true });
  }
}
