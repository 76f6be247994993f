import type { CatalogueEntry } from "../problem.ts";

/** Errors of the area "registry". */
export const registryErrors = {} as const satisfies Record<string, CatalogueEntry>;
