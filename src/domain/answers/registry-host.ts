import { z } from "zod";

const host = /^(?<host>[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?|\[[0-9a-fA-F:]+\](:[0-9]{1,5})?)(\/(?<prefix>[a-z0-9]+([._/-]+[a-z0-9]+)*))?\/?$/;

/** `HOST[:PORT][/PREFIX]` as in an image reference: no scheme, no user, the prefix in lower case. */
export const registryHostSchema = z.string().regex(host, "HOST[:PORT][/PREFIX] without https:// in front, the prefix in lower case, such as registry.client.example:5000/platform");

/** Host (with port) and prefix (without slashes at its ends, may be empty) of a valid `HOST[:PORT][/PREFIX]`. */
export function splitRegistry(text: string): { readonly host: string; readonly prefix: string } {
  const groups = host.exec(text)?.groups;
  return { host: groups?.["host"] ?? text, prefix: groups?.["prefix"] ?? "" };
}
