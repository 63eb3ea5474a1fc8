/** Lines that are collected and written together, in order. Knows nothing of what they say. */
import type { AppendFile } from "../host/append-file.ts";

export interface LineLog {
  /** Written soon. Dropped when the disk has refused for so long that the buffer is full. */
  add(value: object): void;
  /** Writes what was added, and then `values`, in one piece; unsynced. Throws system errors, then `values` are not written. */
  write(values: readonly object[]): void;
  /** Writes what was added so far, if the disk takes it. */
  flush(): void;
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

  const write = (values: readonly object[]): void => {
    const text = buffer + values.map(lineOf).join("");
    if (text === "") return;
    file.append(Buffer.from(text, "utf8"));
    buffer = "";
  };
  const flush = (): void => {
    try {
      write([]);
    } catch (error) {
      if (!troubled) onTrouble(error);
      troubled = true;
    }
  };
  return {
    add(value) {
      if (buffer.length > bufferLimit) return;
      buffer += lineOf(value);
      if (scheduled) return;
      scheduled = true;
      setImmediate(() => {
        scheduled = false;
        flush();
      });
    },
    write,
    flush,
  };
}

const lineOf = (value: object): string => `${JSON.stringify(value)}\n`;
