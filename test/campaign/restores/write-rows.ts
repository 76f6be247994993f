/**
 * Asks the platform's API for one assessment after the other, without an end, and prints a line of JSON for each: its number, when it was
 * sent, and when its commit was acknowledged. Runs in the sandbox's network; usage: write-rows.ts HOST CA_FILE FIRST_NUMBER PAUSE_MS
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { setTimeout as pause } from "node:timers/promises";

const [host = "", caFile = "", first = "1", pauseMilliseconds = "50"] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, ca: readFileSync(caFile) });

/** Milliseconds that one request gets. */
const patience = 5000;

/** Words of its own for each row, so that no two rows have nearly the same vector. */
function wordsOf(number: number): string {
  const letters = createHash("sha256").update(String(number)).digest("hex");
  return letters.match(/.{6}/g)?.join(" ") ?? "";
}

/** True when the API says that it has taken the assessment, which it does after the commit. */
function ask(number: number): Promise<boolean> {
  return new Promise((resolve) => {
    const body = JSON.stringify({ name: `row ${number}`, description: wordsOf(number) });
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const call = request({ agent, host, path: "/api/v1/assessments", method: "POST", headers, timeout: patience }, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode === 202));
      answer.on("error", () => resolve(false));
    });
    call.on("timeout", () => call.destroy());
    call.on("error", () => resolve(false));
    call.end(body);
  });
}

for (let number = Number(first); ; number += 1) {
  const sentAt = Date.now();
  const acknowledged = await ask(number);
  // Rounded up: the commit came before it, whichever part of the millisecond it is.
  process.stdout.write(`${JSON.stringify({ number, sentAt, ...(acknowledged ? { acknowledgedAt: Date.now() + 1 } : {}) })}\n`);
  await pause(Number(pauseMilliseconds));
}
