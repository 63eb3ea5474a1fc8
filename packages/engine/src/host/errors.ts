/** What the operating system's refusals mean in our words. */
import { type FailureCode, type Result, fail } from "@twolane/protocol";

const always: Readonly<Record<string, FailureCode>> = {
  ENOENT: "FILE_MISSING",
  ENOTDIR: "FILE_MISSING",
  EISDIR: "FILE_IS_DIRECTORY",
  EEXIST: "FILE_EXISTS",
  ENOSPC: "DISK_FULL",
  EDQUOT: "DISK_FULL",
  EFBIG: "FILE_TOO_LARGE",
};

const explanations: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  ENOTDIR: "lies below something that is not a folder",
  EISDIR: "is a folder",
  EEXIST: "exists already",
  ENOSPC: "does not fit: the disk is full",
  EDQUOT: "does not fit: the disk quota is used up",
  EACCES: "may not be touched by this user",
  EPERM: "may not be touched by this user",
  EROFS: "lies on a read-only disk",
  ELOOP: "is a link that leads to itself",
  ENAMETOOLONG: "has a name that is too long",
};

/** The code of a system error, or undefined for anything else. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** A system error as a failure; `name` is the path as a person knows it. Anything that is no system error is a bug and thrown. */
export function systemFailure(error: unknown, name: string, doing: "read" | "write"): Result<never> {
  const code = errorCode(error);
  if (code === undefined) throw error;
  const kind = always[code] ?? (doing === "read" ? "FILE_UNREADABLE" : "FILE_UNWRITABLE");
  return fail(kind, `${name} ${explanations[code] ?? `cannot be ${doing === "read" ? "read" : "written"} (${code})`}.`);
}
