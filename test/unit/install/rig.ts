import { certificates } from "../../../src/adapters/node/certificates.ts";
import { type AnswersInput, answersSchema } from "../../../src/domain/answers/answers.ts";
import { digestSchema } from "../../../src/domain/digest.ts";
import type { Finding } from "../../../src/domain/finding.ts";
import type { Release } from "../../../src/domain/release/release.ts";
import { type InstallPorts, install } from "../../../src/workflow/install/install.ts";
import type { BackupSource, BundleStart } from "../../../src/workflow/install/install-start.ts";
import { type UninstallPorts, uninstall } from "../../../src/workflow/uninstall/uninstall.ts";
import { FakeClusterObjects } from "../../fakes/fake-cluster-objects.ts";
import { FakeOperator } from "../../fakes/fake-operator.ts";
import { HeldClock } from "../../fakes/held-clock.ts";
import { MemoryRunStore } from "../../fakes/memory-run-store.ts";
import { clusterVerbs, Power } from "../../fakes/power.ts";
import { RecordingProgress } from "../../fakes/recording-progress.ts";
import { HelmReleases } from "./helm-releases.ts";

export const digest = (digit: string) => digestSchema.parse(`sha256:${digit.repeat(64)}`);

/** Values that must be found in no journal, record, plan, log or message. */
export const canaries = { registry: "canary-registry-password", llm: "canary-llm-key" } as const;

export const release = (version: string): Release => ({
  apiVersion: "migratectl/v1",
  kind: "Release",
  version,
  chart: { name: "migrate-platform", version, digest: digest("c") },
  schema: { to: "0002" },
  migrations: [],
  kubernetes: "*",
  upgradeFrom: "*",
  stops: [],
  notes: [],
  images: [
    {
      name: "backend",
      repository: "migrate-platform/backend",
      tag: version,
      digest: digest("d"),
      mediaType: "application/vnd.oci.image.index.v1+json",
      platforms: ["linux/amd64"],
      size: 500,
    },
  ],
});

export const answersInput: AnswersInput = {
  version: "migratectl/v2",
  release: { name: "shop", namespace: "shop" },
  registry: { host: "registry.example/client", username: "robot", password: { file: "/secrets/registry" } },
  ingress: { host: "shop.example" },
  llm: { baseUrl: "https://llm.example/v1", apiKey: { env: "LLM_KEY" } },
};

/** What one call of the program is given. */
export interface Call {
  readonly power?: Power;
  readonly operator?: FakeOperator;
  readonly answers?: AnswersInput;
  readonly version?: string;
  readonly airgap?: boolean;
  readonly takeOverConflicts?: boolean;
  readonly dryRun?: boolean;
  readonly backup?: BackupSource;
  readonly findings?: readonly Finding[];
  readonly signal?: AbortSignal;
  readonly image?: string;
  /** Added to the manifests. */
  readonly more?: string;
}

/** A seal that costs no time, and holds nothing that could get out. */
const sealedNothing = {
  cipher: "aes-256-gcm",
  derivation: { function: "scrypt", n: 2, r: 1, p: 1, salt: "" },
  iv: "",
  tag: "",
  text: "",
} as const;

/** One cluster, registry and jump host; every call of the program is a new process. */
export class Rig {
  readonly clock = new HeldClock();
  readonly objects = new FakeClusterObjects(this.clock);
  readonly helm = new HelmReleases(this.objects);
  readonly operator = new FakeOperator();
  readonly files = new Map<string, string>([["/secrets/registry", `${canaries.registry}\n`]]);
  readonly confirmed: string[] = [];
  readonly pushes: { readonly sentBytes: number }[] = [];
  readonly smokes: string[] = [];
  readonly runs: MemoryRunStore[] = [];
  readonly told: RecordingProgress[] = [];
  smokeFailure: unknown;
  /** What happens while a person reads the plan. */
  whileAsked: () => void = () => undefined;
  /** What the last call rendered. */
  manifests = "";

  /** Kits that were kept with the backups, the last one last. */
  readonly kits: string[] = [];
  /** What was sealed in them. */
  readonly sealed: string[] = [];

  /** What an installation without backups uses of what makes one of them: where the kit is kept. */
  protected backups(power: Power): InstallPorts["backups"] {
    const kits = power.plug({ read: async () => undefined, write: async (document: string) => void this.kits.push(document) }, ["write"]);
    const unused = new Proxy({}, { get: (_, name) => Promise.reject(new Error(`${String(name)} is not used without backups`)) }) as never;
    const seal = async (text: string) => {
      this.sealed.push(text);
      return sealedNothing;
    };
    const sealer = { seal, open: unused };
    const [objects, clock] = [this.objects, this.clock];
    return {
      objects,
      clock,
      kits,
      sealer,
      early: unused,
      exports: unused,
      files: unused,
      host: unused,
      parts: unused,
      redis: unused,
      podsOf: () => unused,
    };
  }

  install(call: Call = {}) {
    const { power = new Power(), version = "1.0.0", airgap = false, dryRun = false, findings = [] } = call;
    const answers = answersSchema.parse(call.answers ?? answersInput);
    const { run, progress } = this.process("install");
    const helm = power.plug(this.helm, ["apply", "rollback", "uninstall"]);
    const world = power.plug(this.world(), ["push", "use"]);
    const image = call.image ?? "registry.example/client/migrate-platform/backend:1.0.0";
    const values = `profile: ${answers.profile}\n`;
    const manifests = `apiVersion: v1\nkind: Pod\nmetadata: { name: backend }\nspec: { containers: [{ name: a, image: "${image}" }] }\n---\n{ apiVersion: v1, kind: Service, metadata: { name: backend, labels: { profile: ${answers.profile} } } }${call.more ?? ""}\n`;
    this.manifests = manifests;
    this.helm.rendered = () => manifests;
    const render = { release: "shop", namespace: "shop", chart: "/tmp/chart.tgz", values, kubeVersion: "v1.34.4", apiVersions: [] };
    const ports: InstallPorts = {
      objects: power.plug(this.objects, clusterVerbs),
      clock: this.clock,
      operator: call.operator ?? this.operator,
      progress,
      run,
      helm,
      certificates,
      sources: { file: async (path) => this.files.get(path), environment: (name) => (name === "LLM_KEY" ? canaries.llm : undefined) },
      by: async () => ({ cluster: "admin", host: "anna@jump-1" }),
      preflight: async () => ({ findings, rendered: { values, manifests, documents: [], images: [image], render } }),
      confirm: async (plan) => {
        this.whileAsked();
        this.confirmed.push(plan.workflow);
      },
      push: (bundle) => world.push(bundle),
      awaitRollout: async () => ({ components: 9, seconds: 12 }),
      smoke: () => world.useIt(),
      backups: this.backups(power),
    };
    const bundle = { path: "/media/stick/bundle.tar", digest: digest("b"), bytes: 88_000_000 };
    const request = {
      answers,
      release: release(version),
      bundle,
      backup: call.backup,
      airgap,
      takeOverConflicts: call.takeOverConflicts ?? false,
      skippedChecks: [{ check: "clock", reason: "known to be slow" }],
      dryRun,
    };
    const outcome = install(ports, request, call.signal ?? new AbortController().signal);
    return { outcome, run, progress };
  }

  uninstall({
    power = new Power(),
    deleteData = false,
    dryRun = false,
  }: {
    readonly power?: Power;
    readonly deleteData?: boolean;
    readonly dryRun?: boolean;
  } = {}) {
    const { run, progress } = this.process("uninstall");
    const ports: UninstallPorts = {
      objects: power.plug(this.objects, clusterVerbs),
      clock: this.clock,
      operator: this.operator,
      progress,
      run,
      helm: power.plug(this.helm, ["apply", "rollback", "uninstall"]),
      by: async () => ({ cluster: "admin", host: "anna@jump-1" }),
      confirm: async (plan) => void this.confirmed.push(plan.workflow),
    };
    return {
      outcome: uninstall(ports, { name: "shop", namespace: "shop", deleteData, dryRun }, new AbortController().signal),
      run,
      progress,
    };
  }

  /** Kills a process: this machine then knows that it is gone. */
  kill(run: MemoryRunStore): void {
    this.operator.dead.add(run.id);
  }

  record(): { readonly entries: readonly Record<string, unknown>[] } {
    return JSON.parse(this.objects.document("shop", "migratectl-record")["record.json"] ?? '{"entries":[]}');
  }

  /** Everything that is not a Secret: documents in the cluster, run directories, what was told. */
  everythingOpen(): string {
    return [
      this.objects.openText(),
      ...this.runs.flatMap(({ files }) => [...files.values()]),
      ...this.told.map(({ events }) => JSON.stringify(events)),
    ].join("\n");
  }

  protected process(workflow: string) {
    const run = new MemoryRunStore(`${workflow}-${this.runs.length + 1}`);
    const progress = new RecordingProgress();
    this.runs.push(run);
    this.told.push(progress);
    return { run, progress };
  }

  /** What lies outside of the cluster's objects: the registry, and the platform's own endpoints. */
  protected world() {
    return {
      push: async (bundle: BundleStart) => {
        const first = this.pushes.length === 0;
        const pushed = { sentBytes: first ? bundle.bytes : 0, images: 1, presentImages: first ? 0 : 1 };
        this.pushes.push(pushed);
        return pushed;
      },
      useIt: async () => {
        if (this.smokeFailure !== undefined) throw this.smokeFailure;
        this.smokes.push("ok");
        return { passed: 8, warned: 0, skipped: 0 };
      },
    };
  }
}
