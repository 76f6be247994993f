import type { CatalogueEntry } from "../problem.ts";

/** Errors of the area "install". */
export const installErrors = {} as const satisfies Record<string, CatalogueEntry>;
