import type { CatalogueEntry } from "../problem.ts";

/** Errors of the area "answers". */
export const answersErrors = {} as const satisfies Record<string, CatalogueEntry>;
