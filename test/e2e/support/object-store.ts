import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { certificates } from "../../../src/adapters/node/certificates.ts";
import type { AnswersInput } from "../../../src/domain/answers/answers.ts";
import { attemptInside, network } from "../../sandbox/index.ts";
import { objectStore } from "../../sandbox/object-store/build.ts";
import { until } from "../../sandbox/until.ts";
import type { E2eSite } from "./site.ts";

/** A bucket outside the cluster, as the client's storage would offer it. */
export interface Bucket {
  /** What answers say of it. */
  readonly repository: NonNullable<NonNullable<AnswersInput["backup"]>["repository"]>;
  /** Ends it with all that it holds. */
  end(): Promise<void>;
}

/** A server that speaks S3 over TLS on the sandbox's node, outside of its cluster. */
export async function startBucket(site: E2eSite, port: number): Promise<Bucket> {
  const file = (name: string): string => join(site.scratch, name);
  const { certificate, key } = await certificates.selfSigned(network.registryHost, new Date(), 2);
  await writeFile(file("store.crt"), certificate);
  await writeFile(file("store.key"), key);
  await writeFile(file("store-credential"), "canary-s3-secret+/=");
  const program = await objectStore("s3");
  const ended = new AbortController();
  const address = `${network.nodeAddress}:${port}`;
  const argv = [program, "-address", address, "-cert", file("store.crt"), "-key", file("store.key")];
  const running = attemptInside(site.sandbox, argv, { signal: ended.signal }).catch(() => undefined);
  const ask = ["curl", "--silent", "--cacert", file("store.crt"), `https://${network.registryHost}:${port}/`];
  await until("the bucket's server", async () => ((await attemptInside(site.sandbox, ask)).code === 0 ? true : undefined), {
    deadlineMs: 30_000,
  });
  return {
    repository: {
      kind: "s3",
      endpoint: `${network.registryHost}:${port}`,
      bucket: "backups",
      region: "eu-1",
      uriStyle: "path",
      account: "key-id",
      credential: { file: file("store-credential") },
      caFile: file("store.crt"),
      egressCidrs: [`${network.nodeAddress}/32`],
    },
    end: async () => {
      ended.abort();
      await running;
    },
  };
}
