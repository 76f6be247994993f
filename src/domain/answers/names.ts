import { z } from "zod";

/** RFC 1123 label, what Kubernetes demands of a namespace; `longest` leaves room for suffixes. */
export const labelSchema = (longest = 63) =>
  z
    .string()
    .min(1, "must not be empty")
    .max(longest, `at most ${longest} characters`)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, "only lower-case letters, digits and hyphens, starting and ending with a letter or digit");

/** RFC 1123 subdomain, what Kubernetes demands of the names of most objects (classes, Secrets) and of host names in an Ingress. */
export const subdomainSchema = z
  .string()
  .min(1, "must not be empty")
  .max(253, "at most 253 characters")
  .regex(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/,
    "only lower-case letters, digits, hyphens and dots, each part of at most 63 characters starting and ending with a letter or digit",
  );

/** The nearest legal RFC 1123 name to what was written, or undefined when nothing is left of it. */
export function suggestName(written: string, longest = 63): string | undefined {
  const legal = written
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, "-")
    .replaceAll(/(^|\.)-+|-+(?=\.|$)/g, "$1")
    .slice(0, longest)
    .replace(/[-.]+$/, "")
    .replace(/^[-.]+/, "");
  return legal === "" ? undefined : legal;
}
