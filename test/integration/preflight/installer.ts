import { z } from "zod";
import { answersSchema } from "../../../src/domain/answers/answers.ts";
import { installMode } from "../../../src/domain/facts/install-mode.ts";
import { type Right, rightName, vital } from "../../../src/domain/facts/rights.ts";
import { ControlPlane } from "../../contract/facts/control-plane.ts";
import { type RecordingApi, startRecordingApi } from "../../fakes/recording-api.ts";
import { until } from "../../sandbox/until.ts";

const signal = new AbortController().signal;
const user = "installer";
const rbac = "rbac.authorization.k8s.io";

/** Rights by their names. */
export const namesOf = (rights: readonly Right[]): ReadonlySet<string> => new Set(rights.map(rightName));

const answers = answersSchema.parse({ version: "migratectl/v2", registry: { host: "r.example" }, scope: "cluster" });

/** What needs most rights: everything is made, cluster-wide parts too. */
export const widest = installMode(answers, true);

/** A real control plane, and a user in it whose every request is written down. */
export class Installer {
  readonly plane: ControlPlane;
  readonly api: RecordingApi;
  private grants = 0;

  private constructor(plane: ControlPlane, api: RecordingApi) {
    this.plane = plane;
    this.api = api;
  }

  /** Starts one; `name` must be unique among test files. */
  static async start(name: string): Promise<Installer> {
    const plane = await ControlPlane.start(name);
    return new Installer(plane, await startRecordingApi(plane.sandbox.kubeconfigs.admin, user));
  }

  async stop(): Promise<void> {
    await this.api.close();
    await this.plane.stop();
  }

  /** Gives the user these rights in the whole cluster, and no other. */
  async grant(rights: readonly Right[]): Promise<void> {
    this.grants += 1;
    const [mark] = vital("tell this role from the one before", `get grants.r${this.grants}.example`);
    if (mark === undefined) throw new Error("no mark");
    const rules = [...rights, mark].map(({ verb, group, resource }) => ({ verbs: [verb], apiGroups: [group], resources: [resource] }));
    const send = (path: string, body: object) =>
      this.plane.admin.request(
        { method: "PATCH", path, query: { fieldManager: "test", force: true }, contentType: "application/apply-patch+yaml", body, signal },
        z.unknown(),
      );
    await send(`/apis/${rbac}/v1/clusterroles/${user}`, { apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name: user }, rules });
    await send(`/apis/${rbac}/v1/clusterrolebindings/${user}`, {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name: user },
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name: user },
      subjects: [{ kind: "User", name: user, apiGroup: rbac }],
    });
    // The authorizer hears of it from its watch.
    await until("the rights to hold", async () => ((await this.may(mark)) ? true : undefined), { deadlineMs: 10_000 });
  }

  private async may({ verb, group, resource }: Right): Promise<boolean> {
    const [plural, subresource] = resource.split("/");
    const resourceAttributes = { verb, group, resource: plural, ...(subresource === undefined ? {} : { subresource }) };
    const { status } = await this.plane.admin.request(
      {
        method: "POST",
        path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
        body: { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec: { user, resourceAttributes } },
        signal,
      },
      z.object({ status: z.object({ allowed: z.boolean() }) }),
    );
    return status.allowed;
  }
}
