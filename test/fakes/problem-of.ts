import { Problem } from "../../src/domain/errors/problem.ts";

/** The Problem that a call throws; anything else, or nothing, fails the test. */
export async function problemOf(call: () => unknown): Promise<Problem> {
  try {
    await call();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
