import { createHash, createHmac } from "node:crypto";
import { cp, mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "./command.ts";
import type { PodLab } from "./oci-pods.ts";
import { platformCache } from "./platform.ts";

/** A storage account of Azure, and the pod that it is served from. */
export interface StorageAccount {
  readonly pods: PodLab;
  readonly host: string;
  readonly port: number;
  readonly certificate: string;
  readonly key: string;
  readonly account: string;
  /** The account's key, base64. */
  readonly credential: string;
}

const lock = join(import.meta.dirname, "../object-store/azure");

/**
 * Serves the account with Azurite, Microsoft's own emulator, which checks signatures and keeps what it is given. It is got into the cache
 * when first needed, as it stands in a lock file of its own: 310 packages that nothing but this wants in node_modules and its audit.
 */
export async function serveAzure(account: StorageAccount): Promise<void> {
  const program = join(await azurite(), "node_modules/azurite/dist/src/blob/main.js");
  const address = ["--blobHost", await account.pods.address(account.host), "--blobPort", String(account.port)];
  const tls = ["--cert", account.certificate, "--key", account.key];
  const accounts = `AZURITE_ACCOUNTS=${account.account}:${account.credential}`;
  const quiet = ["--inMemoryPersistence", "--silent", "--disableTelemetry"];
  await account.pods.serve(account.host, "env", accounts, process.execPath, program, ...address, ...tls, ...quiet);
}

/** Makes a container in the account as soon as it answers. */
export async function createContainer(account: StorageAccount, container: string): Promise<void> {
  const { host, port, certificate } = account;
  const headers = { "x-ms-date": new Date().toUTCString(), "x-ms-version": "2024-08-04" };
  const sent = Object.entries({ ...headers, Authorization: authorization(account, container, headers) });
  await account.pods.run(
    host,
    ...["curl", "-sS", "--fail-with-body", "--noproxy", "*", "--retry", "60", "--retry-delay", "1", "--retry-connrefused"],
    ...["--cacert", certificate, "--resolve", `${host}:${port}:${await account.pods.address(host)}`],
    ...["-X", "PUT", "-H", "Content-Length: 0", ...sent.flatMap(([name, value]) => ["-H", `${name}: ${value}`])],
    `https://${host}:${port}/${container}?restype=container`,
  );
}

/** Signed with the account's key; what is between the verb and the headers does not occur in this request. */
function authorization({ account, credential }: StorageAccount, container: string, headers: Readonly<Record<string, string>>): string {
  const canonical = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const text = `PUT${"\n".repeat(12)}${canonical.join("")}/${account}/${container}\nrestype:container`;
  const signature = createHmac("sha256", Buffer.from(credential, "base64")).update(text).digest("base64");
  return `SharedKey ${account}:${signature}`;
}

/** The folder that Azurite is in, installed without running any package's scripts. */
async function azurite(): Promise<string> {
  const digest = createHash("sha256").update(await readFile(join(lock, "package-lock.json")));
  const folder = join(platformCache(), "azurite", digest.digest("hex").slice(0, 12));
  if (await stat(folder).catch(() => undefined)) return folder;
  const partial = `${folder}.${process.pid}`;
  await mkdir(dirname(folder), { recursive: true });
  await cp(lock, partial, { recursive: true });
  try {
    await run(["npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"], { cwd: partial });
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return folder;
}
