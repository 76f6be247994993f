import type { ReadStream, WriteStream } from "node:tty";
import type { PersonsTerminal } from "../../ports/pod-exec.ts";

/**
 * Lends the terminal of this process to a program elsewhere, key by key (Ctrl-C too), and takes it back whatever happens.
 * @throws what the borrower threw
 */
export async function lendTerminal(
  input: ReadStream,
  output: WriteStream,
  borrow: (terminal: PersonsTerminal) => Promise<void>,
): Promise<void> {
  const wasRaw = input.isRaw;
  input.setRawMode(true);
  try {
    await borrow({
      keys: input,
      show: (bytes) => new Promise((resolve) => output.write(bytes, () => resolve())),
      size: () => ({ columns: output.columns, rows: output.rows }),
      onResize: (changed) => {
        output.on("resize", changed);
        return () => output.off("resize", changed);
      },
    });
  } finally {
    input.setRawMode(wasRaw);
    // Nobody reads keys any more: they must not keep the process.
    input.pause();
    input.unref();
  }
}
