import type { z } from "zod";
import type { ExitName } from "../../domain/exit-code.ts";
import type { Style } from "./style.ts";

/** How one result is shown: as text for people and as one JSON document whose schema is published under docs/schemas. */
export interface Presenter<R> {
  /** Name of the schema file: docs/schemas/<name>.json. */
  readonly name: string;
  readonly schema: z.ZodType;
  json(result: R): unknown;
  text(result: R, style: Style): string;
  /** Outcome that the result itself means (a preflight that failed); absent: ok. */
  exit?(result: R): ExitName;
}
