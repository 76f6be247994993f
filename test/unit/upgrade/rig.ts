import { certificates } from "../../../src/adapters/node/certificates.ts";
import { type AnswersInput, answersSchema } from "../../../src/domain/answers/answers.ts";
import { Problem } from "../../../src/domain/errors/problem.ts";
import type { Finding } from "../../../src/domain/finding.ts";
import type { Migration } from "../../../src/domain/release/migration.ts";
import type { Release } from "../../../src/domain/release/release.ts";
import { rollback } from "../../../src/workflow/upgrade/rollback.ts";
import { type UpgradePorts, upgrade } from "../../../src/workflow/upgrade/upgrade.ts";
import { clusterVerbs, Power } from "../../fakes/power.ts";
import { soundExamination } from "../../fakes/sound-examination.ts";
import { answersInput, canaries, digest, Rig, release } from "../install/rig.ts";

const expand = (id: string, reversible = false): Migration => ({ id, kind: "expand", reversible });
const contract = (id: string): Migration => ({ id, kind: "contract", reversible: false });

/** The releases that a test may upgrade to: 1.1.0 expands the schema, 2.0.0 contracts it, 1.0.1 leaves it as it is. */
export const releases: Readonly<Record<string, Release>> = {
  "1.0.1": { ...release("1.0.1"), schema: { from: "0002", to: "0002" }, upgradeFrom: ">=1.0.0 <1.0.1" },
  "1.1.0": {
    ...release("1.1.0"),
    notes: [{ text: "Reports are new.", answers: [] }],
    schema: { from: "0002", to: "0003" },
    migrations: [expand("0003")],
    upgradeFrom: ">=1.0.0 <1.1.0",
  },
  "2.0.0": {
    ...release("2.0.0"),
    schema: { from: "0003", to: "0004" },
    migrations: [contract("0004")],
    upgradeFrom: ">=1.1.0 <2.0.0",
    stops: ["1.1.0"],
  },
};

/** What one call of the program is given. */
export interface UpgradeCall {
  readonly power?: Power;
  readonly finish?: boolean;
  readonly rollback?: boolean;
  readonly dryRun?: boolean;
  readonly findings?: readonly Finding[];
  readonly profile?: AnswersInput["profile"];
}

/** An installed platform whose database has a schema, and whose releases may fail. */
export class UpgradeRig extends Rig {
  /** Alembic's revision of the database. */
  schema = "0002";
  /** Names of restore points, and how often each was asked for. */
  readonly points = new Map<string, number>();
  /** Thrown while this version rolls out. */
  readonly rolloutFailures = new Map<string, Problem>();
  /** Thrown by the smoke test of this version. */
  readonly smokeFailures = new Map<string, Problem>();
  /** Versions that passed the smoke test, in order. */
  readonly tried: string[] = [];
  /** Where the migrations were told to stop, at each rendering. */
  readonly migratedTo: (string | undefined)[] = [];

  static async installed(): Promise<UpgradeRig> {
    const rig = new UpgradeRig();
    await rig.install().outcome;
    return rig;
  }

  /** Version of the newest revision that Helm has. */
  get deployed(): string {
    return this.helm.revisions.at(-1)?.appVersion ?? "";
  }

  upgrade(version: string, call: UpgradeCall = {}) {
    const { power = new Power(), finish = false, rollback: back = true, dryRun = false, findings = [] } = call;
    const wanted = releases[version] ?? release(version);
    const { run, progress } = this.process("upgrade");
    const answers = answersSchema.parse({ ...answersInput, ...(call.profile === undefined ? {} : { profile: call.profile }) });
    const image = `registry.example/client/migrate-platform/backend:${version}`;
    const helm = power.plug(this.helm, ["apply", "rollback", "uninstall"]);
    const world = power.plug(this.world(), ["push", "use"]);
    const { kits, sealer } = this.backups(power);
    const objects = power.plug(this.objects, clusterVerbs);
    let migrateTo = wanted.schema.to;
    const preflight: UpgradePorts["preflight"] = async (_answers, to) => {
      this.migratedTo.push(to);
      migrateTo = to ?? wanted.schema.to;
      const values = `profile: ${answers.profile}\nto: ${to ?? "head"}\n`;
      const manifests = `apiVersion: v1\nkind: Pod\nmetadata: { name: backend, labels: { to: "${migrateTo}", profile: ${answers.profile} } }\nspec: { containers: [{ name: a, image: "${image}" }] }\n`;
      this.helm.rendered = () => manifests;
      this.helm.appVersion = version;
      const render = { release: "shop", namespace: "shop", chart: "/tmp/chart.tgz", values, kubeVersion: "v1.34.4", apiVersions: [] };
      return { findings, rendered: { values, manifests, documents: [], images: [image], render } };
    };
    const ports: UpgradePorts = {
      objects,
      clock: this.clock,
      operator: this.operator,
      progress,
      run,
      helm,
      certificates,
      sources: { file: async (path) => this.files.get(path), environment: () => canaries.llm },
      by: async () => ({ cluster: "admin", host: "anna@jump-1" }),
      preflight,
      confirm: async (plan) => void this.confirmed.push(plan.workflow),
      push: (bundle) => world.push(bundle),
      awaitRollout: async () => await this.rollout(this.deployed === version ? migrateTo : undefined),
      smoke: async () => await this.tryOut(),
      smokeBefore: async () => await this.tryOut(),
      host: this.host(),
      backUpAndName: async (name) => {
        this.points.set(name, (this.points.get(name) ?? 0) + 1);
        return { name, timeline: 1, lsn: "0/3000028" };
      },
      kits: { objects, kits, sealer, clock: this.clock },
    };
    const bundle = { path: "/media/stick/bundle.tar", digest: digest("b"), bytes: 88_000_000 };
    const request = {
      answers,
      release: wanted,
      bundle,
      airgap: true,
      takeOverConflicts: false,
      skippedChecks: [],
      dryRun,
      finish,
      rollback: back,
    };
    return { outcome: upgrade(ports, request, new AbortController().signal), run, progress };
  }

  rollback({
    to,
    skipSchema,
    power = new Power(),
    dryRun = false,
  }: {
    readonly to?: string;
    readonly skipSchema?: string;
    readonly power?: Power;
    readonly dryRun?: boolean;
  } = {}) {
    const { run, progress } = this.process("rollback");
    const ports = {
      objects: power.plug(this.objects, clusterVerbs),
      clock: this.clock,
      operator: this.operator,
      progress,
      run,
      helm: power.plug(this.helm, ["apply", "rollback", "uninstall"]),
      by: async () => ({ cluster: "admin", host: "anna@jump-1" }),
      confirm: async (plan: { readonly workflow: string }) => void this.confirmed.push(plan.workflow),
      awaitRollout: () => this.rollout(undefined),
      smoke: () => this.tryOut(),
      host: this.host(),
    };
    const request = { name: "shop", namespace: "shop", to, skipSchema, dryRun };
    return { outcome: rollback(ports, request, new AbortController().signal), run, progress };
  }

  private host(): UpgradePorts["host"] {
    return { examine: async () => ({ ...soundExamination, schemaRevision: this.schema }) };
  }

  /** What the cluster does with what Helm has applied: the migrations run first, which never go back. */
  private async rollout(migrateTo: string | undefined) {
    if (migrateTo !== undefined && migrateTo > this.schema) this.schema = migrateTo;
    const failure = this.rolloutFailures.get(this.deployed);
    if (failure !== undefined) throw failure;
    return { components: 9, seconds: 12 };
  }

  private async tryOut() {
    const failure = this.smokeFailures.get(this.deployed);
    if (failure !== undefined) throw failure;
    this.tried.push(this.deployed);
    return { passed: 15, warned: 0, skipped: 0 };
  }
}

/** The root cause of a rollout that cannot end well. */
export const crashing = new Problem("ROLLOUT_FAILED", { what: "backend crashes" });
