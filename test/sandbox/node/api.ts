import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { join } from "node:path";
import type { Settings } from "../document.ts";
import type { Layout } from "../layout.ts";
import type { KubernetesObject } from "./objects/system-pod.ts";

/** What the API server answered. */
type Answer = { readonly status: number; readonly body: string };

/** Asks the API server as cluster administrator; throws when it cannot be reached. */
export type Api = (method: "GET" | "POST", path: string, body?: object) => Promise<Answer>;

/** A bare connection to the API server for the seconds in which nothing else is up, faster than starting kubectl for each question. */
export const connectApi = (layout: Layout, settings: Settings): Api => {
  const pem = (name: string) => readFileSync(join(layout.pki, name));
  const agent = new Agent({ ca: pem("ca.crt"), cert: pem("admin.crt"), key: pem("admin.key"), keepAlive: true });
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        {
          agent,
          method,
          path,
          host: settings.apiServer.address,
          port: settings.apiServer.port,
          timeout: 10_000,
          headers: { "content-type": "application/json" },
        },
        (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (chunk: string) => {
            text += chunk;
          });
          response.once("error", reject);
          response.once("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
        },
      );
      outgoing.once("error", reject);
      outgoing.once("timeout", () => outgoing.destroy(new Error(`no answer to ${method} ${path}`)));
      outgoing.end(body && JSON.stringify(body));
    });
};

const plurals: Readonly<Record<string, string>> = { IngressClass: "ingressclasses", StorageClass: "storageclasses" };

const collectionOf = (object: KubernetesObject): string => {
  const group = object.apiVersion.includes("/") ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`;
  const scope = object.metadata.namespace ? `/namespaces/${object.metadata.namespace}` : "";
  return `${group}${scope}/${plurals[object.kind] ?? `${object.kind.toLowerCase()}s`}`;
};

/** Creates objects in their order; one that exists already is left alone. Throws with the API server's message when one is refused. */
export const create = async (api: Api, objects: readonly KubernetesObject[]): Promise<void> => {
  for (const object of objects) {
    const { status, body } = await api("POST", collectionOf(object), object);
    if (status !== 201 && status !== 409) {
      throw new Error(`the API server refused ${object.kind} ${object.metadata.name} with ${status}: ${body}`);
    }
  }
};
