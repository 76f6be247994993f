import type { CatalogueEntry } from "../problem.ts";

/** Errors of the area "smoke". */
export const smokeErrors = {} as const satisfies Record<string, CatalogueEntry>;
