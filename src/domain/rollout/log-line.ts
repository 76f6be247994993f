/** What a log line says. The platform's components write one JSON object a line: its level, message and the last line of an exception are what a person reads. */
export function readableLine(line: string): string {
  const fields = jsonObject(line);
  const message = fields?.["message"] ?? fields?.["msg"];
  if (fields === undefined || typeof message !== "string") return line;
  const level = fields["level"];
  const exception = fields["exception"];
  const cause = typeof exception === "string" ? exception.trim().split("\n").at(-1) : undefined;
  return `${typeof level === "string" ? `${level}: ` : ""}${message}${cause === undefined || cause === "" ? "" : ` (${cause})`}`;
}

function jsonObject(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}
