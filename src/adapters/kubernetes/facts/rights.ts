import { z } from "zod";
import type { Right, RightFact } from "../../../domain/facts/rights.ts";
import type { ApiClient } from "../api-client.ts";

const rulesReviewSchema = z.object({
  status: z.object({
    incomplete: z.boolean().default(true),
    resourceRules: z
      .array(
        z.object({
          verbs: z.array(z.string()),
          apiGroups: z.array(z.string()).nullish(),
          resources: z.array(z.string()).nullish(),
          resourceNames: z.array(z.string()).nullish(),
        }),
      )
      .nullish(),
  }),
});

const accessReviewSchema = z.object({ status: z.object({ allowed: z.boolean() }) });

type Rule = NonNullable<z.infer<typeof rulesReviewSchema>["status"]["resourceRules"]>[number];

/**
 * Which rights the user has. One SelfSubjectRulesReview answers for the namespace; what it does not tell (an authorizer besides RBAC,
 * cluster-wide rights) is asked one by one, first for every verb of a resource at once.
 */
export async function readRights(
  client: ApiClient,
  namespace: string,
  wanted: readonly Right[],
  signal: AbortSignal,
): Promise<RightFact[]> {
  const review = await client.request(
    {
      method: "POST",
      path: "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
      body: { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace } },
      repeatable: true,
      signal,
    },
    rulesReviewSchema,
  );
  const rules = review.status.resourceRules ?? [];
  const asked = new Map<string, Promise<boolean>>();
  const ask = (right: Right): Promise<boolean> => {
    const key = JSON.stringify([right.verb, right.group, right.resource, right.scope]);
    const answer = asked.get(key) ?? accessReview(client, namespace, right, signal);
    asked.set(key, answer);
    return answer;
  };
  return Promise.all(
    wanted.map(async (right) => {
      if (right.scope === "namespace" && rules.some((rule) => grants(rule, right))) return { ...right, allowed: true };
      if (right.scope === "namespace" && !review.status.incomplete) return { ...right, allowed: false };
      return { ...right, allowed: (await ask({ ...right, verb: "*" })) || (await ask(right)) };
    }),
  );
}

function grants(rule: Rule, { verb, group, resource }: Right): boolean {
  const has = (list: readonly string[] | null | undefined, item: string) => (list ?? []).some((entry) => entry === "*" || entry === item);
  const sub = resource.includes("/") ? `*/${resource.split("/")[1]}` : resource;
  return (
    (rule.resourceNames ?? []).length === 0 &&
    has(rule.verbs, verb) &&
    has(rule.apiGroups, group) &&
    (has(rule.resources, resource) || has(rule.resources, sub))
  );
}

async function accessReview(
  client: ApiClient,
  namespace: string,
  { verb, group, resource, scope }: Right,
  signal: AbortSignal,
): Promise<boolean> {
  const [plural, subresource] = resource.split("/");
  const resourceAttributes = {
    verb,
    group,
    resource: plural,
    ...(subresource === undefined ? {} : { subresource }),
    ...(scope === "namespace" ? { namespace } : {}),
  };
  const body = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec: { resourceAttributes } };
  const { status } = await client.request(
    { method: "POST", path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body, signal, repeatable: true },
    accessReviewSchema,
  );
  return status.allowed;
}
