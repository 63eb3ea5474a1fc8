/** Lines that are collected and written together, in order; one write at a time. Knows nothing of what they say. */
import type { AppendFile } from "../host/append-file.ts";

export interface LineLog {
  /** Written soon. Dropped when the disk has refused for so long that the buffer is full. */
  add(value: object): void;
  /** Writes what was added, and then `values`, in one piece; unsynced. Throws system errors, then `values` are not written. */
  write(values: readonly object[]): Promise<void>;
  /** Resolves when everything added so far is written, or the disk has refused it. */
  flush(): Promise<void>;
}

const bufferLimit = 4 * 1024 * 1024;

export interface LineLogOptions {
  readonly file: AppendFile;
  /** The file ends in the middle of a line, which must not swallow the next one. */
  readonly torn: boolean;
  /** A system error, told once. */
  readonly onTrouble: (error: unknown) => void;
}

export function createLineLog({ file, torn, onTrouble }: LineLogOptions): LineLog {
  let buffer = torn ? "\n" : "";
  let troubled = false;
  let scheduled = false;
  let writing: Promise<void> = Promise.resolve();

  const writeNow = async (values: readonly object[]): Promise<void> => {
    const waiting = buffer;
    buffer = "";
    const text = waiting + values.map(lineOf).join("");
    if (text === "") return;
    try {
      await file.append(Buffer.from(text, "utf8"));
    } catch (error) {
      buffer = waiting + buffer;
      throw error;
    }
  };
  const write = (values: readonly object[]): Promise<void> => {
    const result = writing.then(() => writeNow(values));
    writing = result.catch(() => {});
    return result;
  };
  const flush = (): Promise<void> =>
    write([]).catch((error: unknown) => {
      if (!troubled) onTrouble(error);
      troubled = true;
    });
  return {
    add(value) {
      if (buffer.length > bufferLimit) return;
      buffer += lineOf(value);
      if (scheduled) return;
      scheduled = true;
      setImmediate(() => {
        scheduled = false;
        void flush();
      });
    },
    write,
    flush,
  };
}

const lineOf = (value: object): string => `${JSON.stringify(value)}\n`;
