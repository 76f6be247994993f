import { parseImageReference, parseRegistryAddress } from "../image-reference.ts";
import { isObject, type ManifestObject, manifestObjects } from "./objects.ts";

const containerLists = ["containers", "initContainers", "ephemeralContainers"] as const;

/**
 * Every image that pods of these manifests would pull, sorted, each once: wherever a pod spec stands (Pod, workload, CronJob, List, custom
 * resource), init containers and image volumes included. ConfigMaps and Secrets are not looked at: nothing is pulled for what they hold.
 */
export function imageReferences(manifests: string): readonly string[] {
  return imagesOf(manifestObjects(manifests));
}

/** As {@link imageReferences}, of objects that were read already. */
export function imagesOf(objects: readonly ManifestObject[]): readonly string[] {
  return [...new Set(objects.flatMap((object) => [...imagesIn(object)]))].sort();
}

/** The images of {@link imageReferences} that do not lie in the target (`HOST[:PORT][/PREFIX]`): what an air-gapped cluster could not pull. */
export function outsideReferences(manifests: string, target: string): readonly string[] {
  const { host, prefix } = parseRegistryAddress(target);
  return imageReferences(manifests).filter((text) => {
    const image = parseImageReference(text);
    if (image === undefined || image.host.toLowerCase() !== host) return true;
    return prefix !== "" && !image.repository.startsWith(`${prefix}/`);
  });
}

function* imagesIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* imagesIn(item);
  if (!isObject(value) || value["kind"] === "ConfigMap" || value["kind"] === "Secret") return;
  for (const list of containerLists)
    for (const container of items(value[list])) if (typeof container["image"] === "string") yield container["image"];
  for (const volume of items(value["volumes"])) {
    const image = volume["image"];
    if (isObject(image) && typeof image["reference"] === "string") yield image["reference"];
  }
  for (const item of Object.values(value)) yield* imagesIn(item);
}

function items(list: unknown): readonly ManifestObject[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}
