import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { objectStore } from "../object-store/build.ts";
import { createContainer, serveAzure } from "./azure-blob-storage.ts";
import type { PodLab } from "./oci-pods.ts";

/** Where a store is served: its pod, and the files that its certificate and the key of that are in. */
interface StorePlace {
  readonly pods: PodLab;
  readonly folder: string;
  readonly host: string;
  readonly certificate: string;
  readonly key: string;
}

/** The Secret backup-repository of a bucket without the CA, and what of it nobody may see. */
export interface StoreCredentials {
  readonly secret: Readonly<Record<string, string>>;
  readonly canaries: readonly string[];
  /** What the server refuses instead, where it looks at credentials at all. */
  readonly refused?: Readonly<Record<string, string>>;
}

/** A kind of bucket that the chart knows, with a server for it that keeps what it is given. */
export interface BucketStore {
  readonly kind: "s3" | "azure" | "gcs";
  readonly name: string;
  /** The host of its certificate. */
  readonly host: string;
  /** What the chart is told of it, below backup.repository. */
  readonly values: Readonly<Record<string, string | number | boolean>>;
  /** What the chart makes of that in pgbackrest.conf, which test/integration/chart/backup.test.ts holds the chart to. */
  readonly repository: readonly string[];
  /** What pgBackRest says, as a pattern, when its server refuses the credentials; absent where it looks at none. */
  readonly refusal?: string;
  /** Starts the server, with the bucket in it. */
  serve(place: StorePlace): Promise<StoreCredentials>;
}

const port = 9443;
const bucket = "backups";
const mount = "/run/secrets/migrate-platform/backup-repository";
const common = (kind: string) => [`repo1-type=${kind}`, "repo1-path=/migrate-platform"];
const ca = `repo1-storage-ca-file=${mount}/ca.pem`;

/** The first part of the host's name is the account, as it is at Azure itself. */
const account = "migrateplatform";

/** Every kind of bucket, on another port than the usual one and with a private CA. */
export const bucketStores: readonly BucketStore[] = [
  {
    kind: "s3",
    name: "that speaks S3",
    host: "store",
    values: { kind: "s3", endpoint: "store", port, bucket, region: "eu-1", uriStyle: "path", privateCa: true },
    repository: [
      ...common("s3"),
      `repo1-storage-port=${port}`,
      ca,
      `repo1-s3-bucket=${bucket}`,
      "repo1-s3-endpoint=store",
      "repo1-s3-region=eu-1",
      "repo1-s3-uri-style=path",
    ],
    serve: serveS3,
  },
  {
    kind: "azure",
    name: "in Azure Blob Storage",
    host: `${account}.blob.store`,
    values: { kind: "azure", endpoint: "blob.store", port, bucket, privateCa: true },
    repository: [
      ...common("azure"),
      `repo1-storage-port=${port}`,
      ca,
      `repo1-azure-container=${bucket}`,
      "repo1-azure-uri-style=host",
      "repo1-azure-endpoint=blob.store",
    ],
    refusal: "403",
    serve: serveBlobs,
  },
  {
    kind: "gcs",
    name: "in Google Cloud Storage",
    host: "store",
    values: { kind: "gcs", endpoint: "store", port, bucket, privateCa: true },
    repository: [
      ...common("gcs"),
      ca,
      `repo1-gcs-bucket=${bucket}`,
      `repo1-gcs-endpoint=store:${port}`,
      `repo1-gcs-key=${mount}/credential`,
    ],
    refusal: "unable to get authentication token: .invalid_grant",
    serve: serveGcs,
  },
];

/** A server of test/sandbox/object-store, built by Go, where a store is to be. */
async function serveProgram(name: "s3" | "gcs", place: StorePlace, ...more: readonly string[]): Promise<void> {
  const program = await objectStore(name);
  const address = `${await place.pods.address(place.host)}:${port}`;
  const tls = ["-cert", place.certificate, "-key", place.key];
  await place.pods.serve(place.host, program, "-address", address, "-bucket", bucket, ...tls, ...more);
}

async function serveS3(place: StorePlace): Promise<StoreCredentials> {
  await serveProgram("s3", place);
  return { secret: { account: "key-id", credential: "canary-s3-secret+/=" }, canaries: ["canary-s3-secret"] };
}

async function serveBlobs(place: StorePlace): Promise<StoreCredentials> {
  const credential = Buffer.from("canary of an Azure storage account's key").toString("base64");
  const blobs = { ...place, port, account, credential };
  await serveAzure(blobs);
  await createContainer(blobs, bucket);
  return {
    secret: { account, credential },
    canaries: [credential],
    refused: { account, credential: Buffer.from("another key").toString("base64") },
  };
}

async function serveGcs(place: StorePlace): Promise<StoreCredentials> {
  const [own, anothers] = [serviceAccountKey(), serviceAccountKey()];
  const file = join(place.folder, "service-account.json");
  await writeFile(file, own.text);
  await serveProgram("gcs", place, "-account", file);
  return {
    secret: { credential: own.text },
    canaries: [own.canary, "canary-token"],
    refused: { credential: anothers.text },
  };
}

/** A service account's key as Google writes it, and a line of its private part. */
function serviceAccountKey(): { readonly text: string; readonly canary: string } {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = String(privateKey.export({ format: "pem", type: "pkcs8" }));
  const key = {
    type: "service_account",
    client_email: "migrate-platform@project.iam.gserviceaccount.com",
    private_key: pem,
    token_uri: `https://store:${port}/token`,
  };
  return { text: JSON.stringify(key, undefined, 2), canary: pem.split("\n")[2] ?? "" };
}
