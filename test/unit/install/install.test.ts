import { describe, expect, it } from "vitest";
import { Problem } from "../../../src/domain/errors/problem.ts";
import { Power } from "../../fakes/power.ts";
import { answersInput, canaries, Rig } from "./rig.ts";

const secretNames = [
  "postgres-credentials",
  "redis-credentials",
  "app-secrets",
  "backup-encryption",
  "llm-credentials",
  "registry-credentials",
  "migrate-platform-tls",
];

async function secretsOf(rig: Rig): Promise<Readonly<Record<string, unknown>>> {
  return Object.fromEntries(
    await Promise.all(secretNames.map(async (name) => [name, await rig.objects.readSecret("shop", name)] as const)),
  );
}

describe("an installation", () => {
  it("does what the plan lists, in that order, and records it", async () => {
    const rig = new Rig();
    const { outcome, progress } = rig.install();
    const { kind, plan } = await outcome;
    expect(kind).toBe("installed");
    expect(progress.ids("done")).toEqual(plan.actions.map(({ id }) => id));
    expect(rig.confirmed).toEqual(["install"]);
    expect(rig.record().entries).toEqual([
      expect.objectContaining({
        revision: 1,
        workflow: "install",
        version: "1.0.0",
        outcome: "succeeded",
        by: { cluster: "admin", host: "anna@jump-1" },
        skippedChecks: [{ check: "clock", reason: "known to be slow" }],
      }),
    ]);
  });

  it("prints under --dry-run the very plan that it runs otherwise, and touches nothing", async () => {
    const rig = new Rig();
    const dry = await rig.install({ dryRun: true }).outcome;
    expect(dry.kind).toBe("planned");
    expect([rig.objects.snapshot(), rig.helm.done, rig.pushes, rig.confirmed, [...rig.objects.namespaces.keys()]]).toEqual([
      {},
      [],
      [],
      [],
      [],
    ]);
    const real = rig.install();
    await real.outcome;
    expect(JSON.parse(real.run.files.get("plan.json") ?? "")).toEqual(JSON.parse(JSON.stringify(dry.plan)));
  });

  it("keeps answers and secrets with the backups, sealed", async () => {
    const rig = new Rig();
    await rig.install().outcome;
    expect(rig.kits).toHaveLength(1);
    expect(JSON.parse(rig.kits[0] ?? "")).toMatchObject({ kind: "RecoveryKit", release: { name: "shop", version: "1.0.0" } });
    const { answers, secrets } = JSON.parse(rig.sealed[0] ?? "") as { readonly answers: object; readonly secrets: object };
    expect(answers).toMatchObject({ version: "migratectl/v2" });
    expect(secrets).toEqual({
      "postgres-credentials": await rig.objects.readSecret("shop", "postgres-credentials"),
      "redis-credentials": await rig.objects.readSecret("shop", "redis-credentials"),
      "app-secrets": await rig.objects.readSecret("shop", "app-secrets"),
    });
    for (const canary of Object.values(canaries)) expect(rig.kits.join()).not.toContain(canary);
  });

  it("of backups is refused where a release is installed already", async () => {
    const rig = new Rig();
    await rig.install().outcome;
    await expect(rig.install({ backup: { kind: "repository" } }).outcome).rejects.toMatchObject({ code: "INSTALL_BACKUP_OVER" });
  });

  it("makes the namespace restricted from its first moment", async () => {
    const rig = new Rig();
    await rig.install().outcome;
    expect(rig.objects.namespaces.get("shop")?.labels).toMatchObject({ "pod-security.kubernetes.io/enforce": "restricted" });
  });

  it("leaves a namespace that is there as its owner made it, and says what it does not enforce", async () => {
    const rig = new Rig();
    await rig.objects.createNamespace("shop", { team: "client" });
    const { outcome, progress } = rig.install();
    await outcome;
    expect(rig.objects.namespaces.get("shop")?.labels).toEqual({ team: "client" });
    expect(progress.notes).toEqual([expect.stringContaining("does not enforce the restricted Pod Security Standard")]);
  });

  it("goes on where it may not look at namespaces", async () => {
    const rig = new Rig();
    await rig.objects.createNamespace("shop", {});
    rig.objects.namespacesHidden = true;
    expect((await rig.install().outcome).kind).toBe("installed");
  });
});

describe("kill -9 at any change that an installation makes", async () => {
  const reference = new Rig();
  const whole = new Power();
  await reference.install({ power: whole }).outcome;
  const cuts = Array.from({ length: whole.changes }, (_, index) => index + 1).flatMap((at) => [
    { at, moment: "before" as const },
    { at, moment: "after" as const },
  ]);

  it("is tried at every one of them", () => {
    expect(whole.changes).toBeGreaterThanOrEqual(25);
  });

  it.each(cuts)(
    "cut $moment change $at: the same command ends in the same state, no secret changes, nothing is done twice",
    async ({ at, moment }) => {
      const rig = new Rig();
      const power = new Power(at, moment);
      const first = rig.install({ power });
      await first.outcome.catch(() => undefined);
      expect(power.isCut).toBe(true);
      rig.kill(first.run);
      const before = await secretsOf(rig);
      await rig.install().outcome;
      const after = await secretsOf(rig);
      for (const name of secretNames) if (before[name] !== undefined) expect(after[name]).toEqual(before[name]);
      expect(Object.keys(rig.objects.snapshot())).toEqual(Object.keys(reference.objects.snapshot()));
      expect(rig.record().entries.filter(({ outcome }) => outcome === "succeeded")).toHaveLength(1);
      expect(rig.helm.revisions.at(-1)?.status).toBe("deployed");

      expect((await rig.install().outcome).kind).toBe("unchanged");
      expect((await rig.objects.readLease("shop", "migratectl")).lease).toBeUndefined();
    },
  );
});

/** A run that is killed while its helm is at work, which leaves the release in that state. */
async function killedInHelm(rig: Rig, status: string, manifests = ""): Promise<void> {
  const apply = rig.helm.apply.bind(rig.helm);
  rig.helm.apply = async (render) => {
    rig.helm.manifests = manifests === "own" ? rig.manifests : manifests;
    return rig.helm.leave(render.release, status);
  };
  const run = rig.install({ power: new Power("apply", "after") });
  await run.outcome.catch(() => undefined);
  rig.kill(run.run);
  rig.helm.apply = apply;
}

describe("a release that an interrupted helm left pending", () => {
  it.each(["pending-install", "pending-upgrade", "pending-rollback"])(
    "%s of our own run is rolled back to itself through Helm and then applied",
    async (status) => {
      const rig = new Rig();
      await killedInHelm(rig, status);
      const rerun = rig.install();
      await rig.clock.during(rerun.outcome);
      expect(rig.helm.done).toEqual(["rollback 1", "apply"]);
      expect(rerun.progress.notes).toContainEqual(expect.stringContaining(`left ${status}`));
    },
  );

  it("of our own run does not stop the next one in preflight, which would find it locked; one of somebody else does", async () => {
    const locked = {
      check: "helm-release",
      title: "Helm releases",
      verdict: "fail",
      seen: "shop, revision 1, pending-install: stuck, or somebody is at work",
      wanted: "a finished state",
      why: "Helm refuses every operation on a stuck release.",
      fix: "helm rollback shop -n shop",
    } as const;
    const rig = new Rig();
    rig.helm.leave("shop", "pending-install");
    await expect(rig.install({ findings: [locked] }).outcome).rejects.toMatchObject({ code: "PREFLIGHT_FAILED" });
    rig.helm.revisions.length = 0;
    await killedInHelm(rig, "pending-install");
    const { kind, findings } = await rig.clock.during(rig.install({ findings: [locked] }).outcome);
    expect(kind).toBe("installed");
    expect(findings).toEqual([
      expect.objectContaining({ check: "helm-release", verdict: "warn", fix: expect.stringContaining("repairs it") }),
    ]);
  });

  it("to these very manifests is not applied once more after its repair, unless conflicts are to be taken over", async () => {
    for (const [takeOverConflicts, done] of [
      [false, ["rollback 1"]],
      [true, ["rollback 1", "apply"]],
    ] as const) {
      const rig = new Rig();
      await killedInHelm(rig, "pending-install", "own");
      await rig.clock.during(rig.install({ takeOverConflicts }).outcome);
      expect(rig.helm.done).toEqual(done);
    }
  });

  it("and that an orphan of the killed run brought to its end is not applied again", async () => {
    const rig = new Rig();
    await killedInHelm(rig, "deployed");
    // Helm lists the objects in an order of its own.
    rig.helm.manifests = rig.manifests.split("---\n").reverse().join("---\n");
    rig.helm.make("shop");
    await rig.install().outcome;
    expect(rig.helm.done).toEqual([]);
    expect(rig.helm.revisions).toHaveLength(1);
  });

  it("is not touched while an orphan of the killed run is still at work on it", async () => {
    const rig = new Rig();
    await killedInHelm(rig, "pending-install");
    const orphan = rig.clock.pause(4_000, new AbortController().signal).then(() => rig.helm.leave("shop", "deployed"));
    await rig.clock.during(rig.install().outcome);
    await orphan;
    expect(rig.helm.done).toEqual(["apply"]);
  });

  it("that no run of ours explains is left alone, with the command that would repair it, however often one asks", async () => {
    const rig = new Rig();
    rig.helm.leave("shop", "pending-upgrade");
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(await rig.clock.during(rig.install().outcome).catch((error: unknown) => error)).toMatchObject({
        code: "HELM_STUCK",
        fix: expect.stringContaining("helm rollback shop 1 --namespace shop"),
      });
    }
    expect(rig.helm.done).toEqual([]);
  });

  it("is left alone, too, when it was so before our own run began and was killed", async () => {
    const rig = new Rig();
    const theirs = rig.helm.leave("shop", "pending-upgrade");
    const stop = new AbortController();
    const waiting = rig.install({ signal: stop.signal });
    void rig.clock
      .pause(4_000, new AbortController().signal)
      .then(() => stop.abort(new Problem("CANCELLED", { what: "stopped by Ctrl-C" })));
    await rig.clock.during(waiting.outcome).catch(() => undefined);
    expect(await rig.clock.during(rig.install().outcome).catch((error: unknown) => error)).toMatchObject({ code: "HELM_STUCK" });
    expect(rig.helm.revisions).toEqual([theirs]);
  });
});

describe("what somebody changed since", () => {
  it("is seen when it happened between the plan and its execution: nothing is carried out", async () => {
    const rig = new Rig();
    rig.whileAsked = () => void rig.helm.leave("shop", "deployed");
    await expect(rig.install().outcome).rejects.toMatchObject({
      code: "PLAN_STALE",
      message: expect.stringContaining("Helm has revision 1"),
    });
    expect([rig.helm.done, rig.pushes]).toEqual([[], []]);
  });

  it("a Secret that was deleted is made again by the same command", async () => {
    const rig = new Rig();
    await rig.install().outcome;
    await rig.objects.deleteObject("shop", "Secret", "app-secrets");
    expect((await rig.install().outcome).kind).toBe("installed");
    expect(Object.keys((await rig.objects.readSecret("shop", "app-secrets")) ?? {})).toEqual(["secret-key", "jwt-secret"]);
    expect(rig.helm.done).toEqual(["apply"]);
  });

  it("an object of the chart that was deleted is made again by the same command, which says so once, and then nothing is left to do", async () => {
    const rig = new Rig();
    await rig.install().outcome;
    rig.objects.lose("shop", "Service", "backend");
    const said = [expect.stringMatching(/^Not there any more, and made anew: Service\/backend$/)];
    const planned = rig.install({ dryRun: true });
    expect((await planned.outcome).kind).toBe("planned");
    expect(planned.progress.notes).toEqual(said);
    const again = rig.install();
    expect((await again.outcome).kind).toBe("installed");
    expect(again.progress.notes).toEqual(said);
    expect(rig.confirmed).toEqual(["install", "install"]);
    expect(Object.keys(rig.objects.snapshot())).toContain("shop/Service/backend");
    expect(rig.helm.revisions).toHaveLength(2);
    expect((await rig.install().outcome).kind).toBe("unchanged");
    expect(rig.helm.done).toEqual(["apply", "apply"]);
  });

  it("of many deleted objects some are named and all are counted", async () => {
    const rig = new Rig();
    const names = ["a", "b", "c", "d", "e", "f", "g"];
    const more = names.map((name) => `\n---\n{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${name} } }`).join("");
    await rig.install({ more }).outcome;
    for (const name of names) rig.objects.lose("shop", "ConfigMap", name);
    const again = rig.install({ more });
    await again.outcome;
    expect(again.progress.notes).toEqual([
      "Not there any more, and made anew: ConfigMap/a, ConfigMap/b, ConfigMap/c, ConfigMap/d, ConfigMap/e and 2 more",
    ]);
  });

  it("a Job that was deleted is made again, but neither one that clears itself away nor a hook of Helm", async () => {
    const job = (name: string, metadata: string, spec: string) =>
      `\n---\n{ apiVersion: batch/v1, kind: Job, metadata: { name: ${name}${metadata} }, spec: { ${spec} } }`;
    const rig = new Rig();
    const more = [
      job("migrations", "", ""),
      job("brief", "", "ttlSecondsAfterFinished: 60"),
      job("hook", ', annotations: { "helm.sh/hook": pre-upgrade }', ""),
    ].join("");
    await rig.install({ more }).outcome;
    for (const name of ["brief", "hook"]) rig.objects.lose("shop", "Job", name);
    expect((await rig.install({ more }).outcome).kind).toBe("unchanged");
    rig.objects.lose("shop", "Job", "migrations");
    expect((await rig.install({ more }).outcome).kind).toBe("installed");
    expect(rig.helm.done).toEqual(["apply", "apply"]);
  });

  it("a password that was corrected reaches the cluster, after a failure and after a success", async () => {
    const rig = new Rig();
    rig.smokeFailure = new Problem("CLUSTER_REFUSED", { what: "image cannot be pulled" });
    await rig.install().outcome.catch(() => undefined);
    rig.smokeFailure = undefined;
    for (const password of ["corrected", "rotated"]) {
      rig.files.set("/secrets/registry", password);
      expect((await rig.install().outcome).kind).toBe("installed");
      expect(JSON.stringify(await rig.objects.readSecret("shop", "registry-credentials"))).toContain(password);
    }
  });

  it("a migration that gave up is started again by the same command", async () => {
    const rig = new Rig();
    const job = "\n---\n{ apiVersion: batch/v1, kind: Job, metadata: { name: migrations-1 } }";
    rig.smokeFailure = new Problem("ROLLOUT_FAILED", { what: "migrations-1 gave up" });
    await rig.install({ more: job }).outcome.catch(() => undefined);
    rig.objects.place("shop", "Job", "migrations-1", { "app.kubernetes.io/instance": "shop" }, { failed: true });
    rig.objects.place("shop", "Job", "backup-2", { "app.kubernetes.io/instance": "shop" }, { failed: true });
    rig.smokeFailure = undefined;
    await rig.install({ more: job }).outcome;
    expect((await rig.objects.listLabelled("shop", "Job", {})).map(({ name, failed }) => [name, failed])).toEqual([
      ["backup-2", true],
      ["migrations-1", undefined],
    ]);
    expect(rig.helm.done).toEqual(["apply", "apply"]);
  });

  it("another release in the namespace, whose secrets and record it would share, is refused", async () => {
    const rig = new Rig();
    await rig.install().outcome;
    const answers = { ...answersInput, release: { name: "second", namespace: "shop" } };
    rig.helm.revisions.length = 0;
    await expect(rig.install({ answers }).outcome).rejects.toMatchObject({
      code: "INSTALL_OTHER_RELEASE",
      message: expect.stringContaining("of release shop, not of second"),
    });
  });
});

describe("installing over what is there", () => {
  it("the same release with the same answers changes nothing and says so", async () => {
    const rig = new Rig();
    await rig.install().outcome;
    const snapshot = rig.objects.snapshot();
    const second = await rig.install().outcome;
    expect(second.kind).toBe("unchanged");
    expect(rig.objects.snapshot()).toEqual(snapshot);
    expect(rig.confirmed).toEqual(["install"]);
  });

  it("removes the Lease of a run that was killed after its last action, and no other", async () => {
    const rig = new Rig();
    const deleteLease = rig.objects.deleteLease.bind(rig.objects);
    rig.objects.deleteLease = async () => undefined;
    const cut = rig.install();
    await cut.outcome;
    rig.objects.deleteLease = deleteLease;
    const holder = async () => (await rig.objects.readLease("shop", "migratectl")).lease?.holder.run;
    expect((await rig.install().outcome).kind).toBe("unchanged");
    expect(await holder()).toBe(cut.run.id);
    rig.kill(cut.run);
    await rig.install({ dryRun: true }).outcome;
    expect(await holder()).toBe(cut.run.id);
    expect((await rig.install().outcome).kind).toBe("unchanged");
    expect(await holder()).toBeUndefined();
  });
  it("the same version with other answers applies them", async () => {
    const rig = new Rig();
    await rig.install().outcome;
    expect((await rig.install({ answers: { ...answersInput, profile: "standard" } }).outcome).kind).toBe("installed");
    expect(rig.helm.done).toEqual(["apply", "apply"]);
    expect(rig.record().entries).toHaveLength(2);
  });

  it("another version is refused and `upgrade` is named", async () => {
    const rig = new Rig();
    await rig.install().outcome;
    await expect(rig.install({ version: "1.1.0" }).outcome).rejects.toMatchObject({
      code: "INSTALL_OTHER_VERSION",
      fix: expect.stringContaining("migratectl upgrade"),
    });
  });

  it("an uninstall that was cut off has to be finished first", async () => {
    const rig = new Rig();
    await rig.install().outcome;
    const cut = rig.uninstall({ power: new Power(4, "after") });
    await cut.outcome.catch(() => undefined);
    rig.kill(cut.run);
    await expect(rig.install().outcome).rejects.toMatchObject({ code: "RUN_UNFINISHED", fix: "Finish it first: migratectl uninstall" });
  });

  it("a namespace that was copied from another cluster is refused before anything is written", async () => {
    const rig = new Rig();
    await rig.install().outcome;
    rig.objects.uid = "another-cluster";
    await expect(rig.install({ answers: { ...answersInput, profile: "large" } }).outcome).rejects.toMatchObject({
      code: "INSTALL_OTHER_CLUSTER",
      message: expect.stringContaining("belongs to cluster"),
    });
  });
});

describe("what stops an installation before anything is touched", () => {
  const untouched = (rig: Rig) =>
    expect([rig.objects.snapshot(), [...rig.objects.namespaces.keys()], rig.helm.done, rig.pushes]).toEqual([{}, [], [], []]);
  const failing = {
    check: "storage-room",
    title: "Room",
    verdict: "fail",
    seen: "100 GiB",
    wanted: "200 GiB",
    why: "claims stay pending",
    fix: "Ask for more.",
  } as const;

  it("a failed check ends with PREFLIGHT_FAILED, which names it with its fix", async () => {
    const rig = new Rig();
    await expect(rig.install({ findings: [failing] }).outcome).rejects.toMatchObject({
      code: "PREFLIGHT_FAILED",
      exit: "preflight",
      message: expect.stringContaining("storage-room: 100 GiB (wanted: 200 GiB). Ask for more."),
    });
    untouched(rig);
  });

  it("a failed check that is skipped with a reason does not", async () => {
    const rig = new Rig();
    expect((await rig.install({ findings: [{ ...failing, skipped: "agreed" }] }).outcome).kind).toBe("installed");
  });

  it("--airgap refuses an image from outside the registry", async () => {
    const rig = new Rig();
    await expect(rig.install({ airgap: true, image: "docker.io/library/redis:7" }).outcome).rejects.toMatchObject({
      code: "INSTALL_OUTSIDE_REFERENCE",
      message: expect.stringContaining("docker.io/library/redis:7"),
    });
    untouched(rig);
  });

  it("a namespace that somebody else should have made", async () => {
    const rig = new Rig();
    const release = { name: "shop", namespace: "shop", createNamespace: false };
    const problem = await rig.install({ answers: { ...answersInput, release } }).outcome.catch((error: unknown) => error);
    expect(problem).toMatchObject({
      message: expect.stringContaining("namespace shop does not exist"),
      code: "INSTALL_NAMESPACE_MISSING",
    });
    untouched(rig);
  });

  it("a namespace that is being deleted", async () => {
    const rig = new Rig();
    await rig.objects.createNamespace("shop", {});
    const namespace = rig.objects.namespaces.get("shop");
    if (namespace !== undefined) namespace.terminating = true;
    await expect(rig.install().outcome).rejects.toMatchObject({ code: "INSTALL_NAMESPACE_TERMINATING" });
  });
});

describe("an installation that fails halfway", () => {
  it("says what exists, keeps its code, and is recorded as failed with the action", async () => {
    const rig = new Rig();
    rig.smokeFailure = new Problem("CLUSTER_REFUSED", { what: "backend answered 500" });
    await expect(rig.install().outcome).rejects.toMatchObject({
      code: "CLUSTER_REFUSED",
      why: expect.stringMatching(/What is there now: Namespace\/shop.*Helm release shop/),
      fix: expect.stringContaining('it goes on from "smoke"'),
    });
    expect(rig.record().entries).toEqual([
      expect.objectContaining({ outcome: "failed", failure: { action: "smoke", code: "CLUSTER_REFUSED" } }),
    ]);
  });

  it("goes on from there: what was done is not done again", async () => {
    const rig = new Rig();
    rig.smokeFailure = new Problem("CLUSTER_REFUSED", { what: "backend answered 500" });
    await rig.install().outcome.catch(() => undefined);
    rig.smokeFailure = undefined;
    const { resumed } = await rig.install().outcome;
    expect(resumed).toBe(5);
    expect([rig.helm.done, rig.smokes]).toEqual([["apply"], ["ok"]]);
    expect(rig.pushes.map(({ sentBytes }) => sentBytes)).toEqual([88_000_000, 0]);
    expect(rig.record().entries.map(({ outcome }) => outcome)).toEqual(["failed", "succeeded"]);
  });

  it("is not recorded by the second of two operators, who is told who holds the Lease", async () => {
    const rig = new Rig();
    let second: unknown;
    const apply = rig.helm.apply.bind(rig.helm);
    rig.helm.apply = async (render) => {
      rig.helm.apply = apply;
      second = await rig.install().outcome.catch((error: unknown) => error);
      return apply(render);
    };
    await rig.install().outcome;
    expect(second).toMatchObject({ code: "INSTALL_LOCKED" });
    expect(rig.record().entries).toHaveLength(1);
  });
});

describe("secrets", () => {
  it("are in no plan, journal, record, log or message, however the run ends", async () => {
    const rig = new Rig();
    rig.smokeFailure = new Problem("CLUSTER_REFUSED", { what: "backend answered 500" });
    const problem = await rig.install().outcome.catch((error: unknown) => error);
    rig.smokeFailure = undefined;
    await rig.install().outcome;
    const secrets = await secretsOf(rig);
    const generated = Object.values(secrets).flatMap((values) => Object.values(values as Record<string, string>));
    const open = rig.everythingOpen() + JSON.stringify(problem);
    expect(generated.length).toBeGreaterThanOrEqual(12);
    for (const value of [...Object.values(canaries), ...generated]) expect(open).not.toContain(value);
    expect(JSON.stringify(secrets)).toContain(canaries.registry);
    expect(secrets["llm-credentials"]).toEqual({ "api-key": canaries.llm });
  });
});
