import { z } from "zod";
import type { Facts } from "../../../domain/facts/facts.ts";
import { known, type Reading, unavailable } from "../../../domain/reading.ts";
import { parseJson } from "../../parse-json.ts";
import type { ApiClient } from "../api-client.ts";
import { problemOf, reading, unreadableAnswer } from "../api-errors.ts";
import { metadataSchema } from "./objects.ts";

const versionSchema = z.object({ gitVersion: z.string() });
const namespaceSchema = z.object({ metadata: metadataSchema });
const reviewSchema = z.object({ status: z.object({ userInfo: z.object({ username: z.string() }) }) });

/** Version, clock, identity and user; the version must be readable, all else may be denied. */
export async function readCluster(client: ApiClient, signal: AbortSignal): Promise<Facts["cluster"]> {
  const { version, clockAhead } = await readVersion(client, signal);
  const [uid, user] = await Promise.all([
    reading(
      "get",
      "namespaces/kube-system",
      async () => (await client.request({ method: "GET", path: "/api/v1/namespaces/kube-system", signal }, namespaceSchema)).metadata.uid,
    ),
    reading("create", "selfsubjectreviews.authentication.k8s.io", async () => (await whoAmI(client, signal)).status.userInfo.username),
  ]);
  return { context: client.config.getCurrentContext(), server: client.server, version, clockAhead, uid, user };
}

async function readVersion(
  client: ApiClient,
  signal: AbortSignal,
): Promise<{ readonly version: string; readonly clockAhead: Reading<number> }> {
  const asked = Date.now();
  const answer = await client.answer({ method: "GET", path: "/version", signal, deadline: 15_000 }).catch((error: unknown) => {
    throw problemOf(error, "asking for the version");
  });
  const middle = (asked + Date.now()) / 2;
  const parsed = versionSchema.safeParse(parseJson(answer.body));
  if (!parsed.success) throw unreadableAnswer(client.server, "/version", answer.body, parsed.error);
  const theirs = Date.parse(answer.headers.date ?? "");
  // The header has whole seconds, cut off: half a second is the likeliest rest.
  const clockAhead = Number.isNaN(theirs)
    ? unavailable("the API server's answer has no Date header")
    : known(Math.round((theirs + 500 - middle) / 1000));
  return { version: parsed.data.gitVersion, clockAhead };
}

function whoAmI(client: ApiClient, signal: AbortSignal): Promise<z.infer<typeof reviewSchema>> {
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
  return client.request(
    { method: "POST", path: "/apis/authentication.k8s.io/v1/selfsubjectreviews", body, signal, repeatable: true },
    reviewSchema,
  );
}
