/** Lends a text to the person's own editor. The caller has given the terminal back before. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";

export interface OutsideText {
  readonly text: string;
  /** Whose ending the file gets, so that the editor knows the language. */
  readonly path?: string;
}

/** The text as it was saved. The file is readable by its owner only and gone afterwards. */
export async function editOutside(
  { text, path: named }: OutsideText,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Result<string>> {
  const command = [env["VISUAL"], env["EDITOR"]].find((value) => value !== undefined && value.trim() !== "") ?? "vi";
  const folder = mkdtempSync(path.join(tmpdir(), "twolane-edit-"));
  const file = path.join(folder, `text${path.extname(named ?? "prompt.md")}`);
  try {
    writeFileSync(file, text, { mode: 0o600 });
    const ended = await runEditor(command, file);
    if (ended !== undefined)
      return fail(
        "TOOL_FAILED",
        `The editor \`${command}\` ${ended}; nothing was changed.`,
        "Set EDITOR to an editor that is installed.",
      );
    return succeed(readFileSync(file, "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Why it did not end well; undefined when it did. As git does, the command may hold arguments. */
function runEditor(command: string, file: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn("/bin/sh", ["-c", `${command} "$@"`, command, file], { stdio: "inherit" });
    child.on("error", (error) => resolve(`could not be started (${error.message})`));
    child.on("close", (status, signal) => resolve(status === 0 ? undefined : `ended with ${status ?? signal}`));
  });
}
