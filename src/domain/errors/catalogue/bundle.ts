import type { CatalogueEntry } from "../problem.ts";

/** Errors of the area "bundle". */
export const bundleErrors = {} as const satisfies Record<string, CatalogueEntry>;
