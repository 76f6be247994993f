import type { Answers } from "../domain/answers/answers.ts";
import type { Verdict } from "./prompter.ts";

/** Looks at the world to judge an answer at the moment it is given. Each gives what is wrong, in one sentence, or undefined. */
export interface AnswerChecks {
  /** The file is there and can be read. */
  readable(path: string): Promise<Verdict>;
  /** The registry answers, its certificate is trusted and the credentials are taken. */
  registry(registry: Answers["registry"], signal: AbortSignal): Promise<Verdict>;
  /** Certificate and key fit each other, the certificate is valid now and names the host. */
  certificate(certFile: string, keyFile: string, host: string | undefined): Promise<Verdict>;
}
