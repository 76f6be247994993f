import { isObject, type ManifestObject } from "../manifest/objects.ts";
import { withoutNulls } from "./equal-forms.ts";

/**
 * What of an object is compared: not its name, its state and what is null. The data of a Secret is all base64 and always there, so that each
 * key is compared by itself.
 */
export function comparable(object: ManifestObject): ManifestObject {
  const { status: _status, kind, ...rest } = withoutNulls(object);
  if (kind !== "Secret") return rest;
  const { stringData, data, ...others } = rest;
  return { ...others, data: { ...texts(data, withoutBreaks), ...texts(stringData, base64) } };
}

function texts(map: unknown, form: (text: string) => string): Readonly<Record<string, unknown>> {
  if (!isObject(map)) return {};
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, typeof value === "string" ? form(value) : value]));
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function withoutBreaks(text: string): string {
  return text.replaceAll(/\s/g, "");
}
