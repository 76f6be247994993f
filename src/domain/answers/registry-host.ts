import { z } from "zod";
import { Problem } from "../errors/problem.ts";
import { parseRegistryAddress } from "../image-reference.ts";

/** `HOST[:PORT][/PREFIX]`, judged by the one parser of registry addresses; its reason and fix become the issue's text. */
export const registryHostSchema = z.string().superRefine((text, context) => {
  try {
    parseRegistryAddress(text);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    context.addIssue({ code: "custom", message: `${error.message}. ${error.fix}` });
  }
});
