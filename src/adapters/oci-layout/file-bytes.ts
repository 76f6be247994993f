/** What can be read at any offset: a FileHandle, or in a worker thread the descriptor of one. */
export interface Readable {
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
}

/** Bytes asked of the disk at a time: sha256 and sockets are fastest from about here on. */
const readSize = 1024 * 1024;

/** The file ended before the range that was asked for. */
export class FileEnded extends Error {
  constructor() {
    super("the file ends early");
    this.name = "FileEnded";
  }
}

/**
 * Reads a range of an open file with two buffers in turn: the next read runs while the last chunk is used, and memory stays flat.
 * A chunk is valid until the next one is asked for. @throws FileEnded
 */
export async function* readRange(file: Readable, start: number, length: number): AsyncGenerator<Uint8Array> {
  const size = Math.min(readSize, length);
  const buffers = [Buffer.allocUnsafe(size), Buffer.allocUnsafe(length > size ? size : 0)] as const;
  const fetch = (at: number, turn: 0 | 1) => {
    const reading = file.read(buffers[turn], 0, Math.min(size, length - at), start + at);
    // Waited for below; this keeps a failure from counting as unhandled while the consumer is still busy.
    reading.catch(() => undefined);
    return reading;
  };
  let turn: 0 | 1 = 0;
  let reading = length > 0 ? fetch(0, turn) : undefined;
  try {
    for (let at = 0; reading !== undefined; ) {
      const { bytesRead } = await reading;
      reading = undefined;
      if (bytesRead === 0) throw new FileEnded();
      const chunk: Uint8Array = buffers[turn].subarray(0, bytesRead);
      at += bytesRead;
      turn = turn === 0 ? 1 : 0;
      if (at < length) reading = fetch(at, turn);
      yield chunk;
    }
  } finally {
    // The buffer of a read that is under way must not be let go of before it ends.
    await reading?.catch(() => undefined);
  }
}
