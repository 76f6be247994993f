import { z } from "zod";
import type { Api } from "./api.ts";

const Conditions = z.object({
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]) }),
});

const conditionHolds = async (api: Api, path: string, type: string): Promise<true | undefined> => {
  const { status, body } = await api("GET", path);
  if (status !== 200) return undefined;
  const { conditions } = Conditions.parse(JSON.parse(body)).status;
  return conditions.some((condition) => condition.type === type && condition.status === "True") ? true : undefined;
};

/** True once the sandbox's only node is ready. */
export const nodeIsReady = (api: Api) => conditionHolds(api, "/api/v1/nodes/node-1", "Ready");

/** True once a Deployment has all of its pods ready. */
export const podsAreReady = (api: Api, namespace: string, deployment: string) =>
  conditionHolds(api, `/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}`, "Available");

/** True once a namespace's default ServiceAccount exists, without which no pod is admitted. */
export const serviceAccountExists = async (api: Api, namespace: string): Promise<true | undefined> =>
  (await api("GET", `/api/v1/namespaces/${namespace}/serviceaccounts/default`)).status === 200 ? true : undefined;
