/** Lends a text to the person's own editor. The caller has given the terminal back before, and takes it again afterwards. */
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

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The text as it was saved. The file is readable by its owner only and gone afterwards, also when the process ends meanwhile. TOOL_FAILED:
 * the editor could not be run or ended badly, which is how editors say that nothing is to change.
 */
export async function editOutside({ text, path: named }: OutsideText, env: Environment): Promise<Result<string>> {
  const command = [env["VISUAL"], env["EDITOR"]].find((value) => value !== undefined && value.trim() !== "") ?? "vi";
  const folder = privateFolder();
  if (folder === undefined)
    return fail("TOOL_FAILED", `No file can be made in ${tmpdir()}.`, "Free some space there, or set TMPDIR to another folder.");
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    const file = path.join(folder, `text${path.extname(named ?? "prompt.md")}`);
    writeFileSync(file, text, { mode: 0o600 });
    const fault = await runEditor(command, file, env);
    if (fault !== undefined)
      return fail("TOOL_FAILED", `The editor \`${command}\` ${fault.what}; nothing was changed.`, fault.cure);
    return succeed(readFileSync(file, "utf8"));
  } catch (error) {
    return fail("TOOL_FAILED", `The text could not be handed over: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    process.off("exit", remove);
    remove();
  }
}

function privateFolder(): string | undefined {
  try {
    return mkdtempSync(path.join(tmpdir(), "twolane-edit-"));
  } catch {
    return undefined;
  }
}

interface EditorFault {
  readonly what: string;
  readonly cure: string;
}

const toInstall = "Set VISUAL or EDITOR to an editor that is installed.";
/** What a shell says of a program that is not there or may not be run. */
const notRun: readonly (number | null)[] = [126, 127];

/** Why it did not end well; undefined when it did. As git does, the command may hold arguments. */
function runEditor(command: string, file: string, env: Environment): Promise<EditorFault | undefined> {
  return new Promise((resolve) => {
    const child = spawn("/bin/sh", ["-c", `${command} "$@"`, command, file], { stdio: "inherit", env });
    child.on("error", (error) => resolve({ what: `could not be started (${error.message})`, cure: toInstall }));
    child.on("close", (status, signal) => {
      if (status === 0) resolve(undefined);
      else if (notRun.includes(status)) resolve({ what: "could not be started", cure: toInstall });
      else resolve({ what: `ended with ${status ?? signal}`, cure: "Save and leave it without an error to change something." });
    });
  });
}
