import { Problem } from "../../src/domain/errors/problem.ts";

/** The Problem that the work ends with; throws when it ends in any other way. */
export async function failure(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof Problem)) throw new Error(`expected a Problem, got ${String(error)}`, { cause: error });
  return error;
}
