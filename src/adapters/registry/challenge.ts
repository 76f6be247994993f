/** What a registry's WWW-Authenticate asks for. */
export type Challenge =
  | { readonly scheme: "basic" }
  | { readonly scheme: "bearer"; readonly realm: string; readonly service?: string; readonly scope?: string };

/** Reads a WWW-Authenticate header (several challenges: bearer is preferred); undefined when none is understood. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  if (header === undefined) return undefined;
  const bearer = /(?:^|,\s*)bearer\s+(.*)$/i.exec(header);
  if (bearer?.[1] !== undefined) {
    const values = new Map([...bearer[1].matchAll(/([a-z_]+)="([^"]*)"/gi)].map(([, key = "", value = ""]) => [key.toLowerCase(), value]));
    const realm = values.get("realm");
    if (realm === undefined) return undefined;
    const service = values.get("service");
    const scope = values.get("scope");
    return { scheme: "bearer", realm, ...(service === undefined ? {} : { service }), ...(scope === undefined ? {} : { scope }) };
  }
  return /(?:^|,\s*)basic(\s|$)/i.test(header) ? { scheme: "basic" } : undefined;
}
