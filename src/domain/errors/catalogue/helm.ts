import type { CatalogueEntry } from "../problem.ts";

/** Errors of the area "helm". */
export const helmErrors = {} as const satisfies Record<string, CatalogueEntry>;
