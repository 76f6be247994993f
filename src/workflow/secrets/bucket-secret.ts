import type { Answers } from "../../domain/answers/answers.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { SecretSources } from "../../ports/secret-sources.ts";
import { bucketSecret } from "./platform-secrets.ts";
import { resolveSecret } from "./resolve-secret.ts";

/** What pgBackRest needs to get into the bucket of the backups. @throws Problem SECRET_UNAVAILABLE, FILE_UNREADABLE */
export async function bucketCredentials(
  { backup: { repository } }: Answers,
  sources: SecretSources,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const { account, credential, caFile } = repository;
  const ca = caFile === undefined ? undefined : await sources.file(caFile);
  if (caFile !== undefined && ca === undefined)
    throw new Problem("FILE_UNREADABLE", { what: `the CA file of the backups' endpoint, ${caFile}, does not exist` });
  return {
    ...(account === undefined ? {} : { [bucketSecret.account]: account }),
    ...(credential === undefined
      ? {}
      : { [bucketSecret.credential]: await resolveSecret(credential, "the credential of the backups' bucket", sources, signal) }),
    ...(ca === undefined ? {} : { [bucketSecret.ca]: ca }),
  };
}
