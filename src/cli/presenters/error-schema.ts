import { z } from "zod";
import { catalogue, type ErrorCode } from "../../domain/errors/catalogue.ts";
import { bugCode } from "./problem.ts";

/** The document that every command prints under --json when it fails. In a module of its own: only documents and tests need it, and no start should wait for it. */
export const errorSchema = z.strictObject({
  error: z.strictObject({
    code: z.enum([...(Object.keys(catalogue) as [ErrorCode, ...ErrorCode[]]), bugCode]),
    what: z.string(),
    why: z.string(),
    fix: z.string(),
    /** The exit status. */
    exit: z.int(),
    /** Facts for programs; their names are those of the code. */
    data: z.record(z.string(), z.unknown()).optional(),
  }),
});
