/** What each component of the platform needs before it can be ready, by component name; mcp servers share one entry. */
const needs: Readonly<Record<string, readonly string[]>> = {
  "postgres-replica": ["postgres"],
  pgbouncer: ["postgres"],
  migrations: ["postgres"],
  backend: ["pgbouncer", "redis", "migrations"],
  worker: ["pgbouncer", "redis", "migrations"],
  "agent-pool": ["pgbouncer", "redis", "migrations"],
  "state-manager": ["pgbouncer", "redis", "migrations"],
  mcp: ["pgbouncer", "migrations"],
  retention: ["pgbouncer", "migrations"],
  backup: ["postgres"],
};

/** Components that this one needs, directly; empty for one that stands alone. */
function directNeeds(component: string): readonly string[] {
  return needs[component] ?? needs[component.startsWith("mcp") ? "mcp" : component.replace(/-(full|incremental|incr|diff)$/, "")] ?? [];
}

/**
 * The components that are down and that this one needs, reduced to the first ones on each path: when postgres is down,
 * a backend waits for postgres, not for the pgbouncer that waits for postgres too.
 */
export function rootNeeds(component: string, down: ReadonlySet<string>): readonly string[] {
  const roots = new Set<string>();
  const seen = new Set<string>();
  const visit = (name: string): boolean => {
    let blocked = false;
    for (const need of directNeeds(name)) {
      if (seen.has(need)) {
        blocked ||= down.has(need);
        continue;
      }
      seen.add(need);
      const deeper = visit(need);
      if (!deeper && down.has(need)) roots.add(need);
      blocked ||= deeper || down.has(need);
    }
    return blocked;
  };
  visit(component);
  return [...roots];
}

/** Sorts so that what is needed comes before what needs it; names decide among equals. */
export function depth(component: string): number {
  return directNeeds(component).reduce((deepest, need) => Math.max(deepest, depth(need) + 1), 0);
}
