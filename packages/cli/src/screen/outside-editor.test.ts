import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { spawn } from "@lydell/node-pty";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { editOutside } from "./outside-editor.ts";

const folder = mkdtempSync(path.join(tmpdir(), "twolane-editor-"));
const temporary = path.join(folder, "tmp");
const seen = path.join(folder, "seen");
beforeEach(() => {
  rmSync(temporary, { recursive: true, force: true });
  rmSync(seen, { force: true });
  mkdirSync(temporary);
  vi.stubEnv("TMPDIR", temporary);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

let editors = 0;
/** An editor that is a shell script; the file is its last argument, `$file`. */
function editor(script: string): string {
  const program = path.join(folder, `my editor ${editors++}`);
  writeFileSync(program, `#!/bin/sh\nfor file; do :; done\n${script}\n`);
  chmodSync(program, 0o755);
  return `"${program}"`;
}

function env(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { VISUAL: _, EDITOR: _editor, ...rest } = process.env;
  return { ...rest, ...more };
}

describe("the person's own editor", () => {
  it("gets the text in a private file with the right ending, and gives it back as saved", async () => {
    const look = editor(
      `stat -c %a "$file" "$(dirname "$file")" > "${seen}"; basename "$file" >> "${seen}"; cat "$file" >> "${seen}"; printf 'two\\nlines 👩‍👩‍👧\\n' > "$file"`,
    );
    expect(await editOutside({ text: "one\n", path: "src/a b/price.test.ts" }, env({ EDITOR: look }))).toEqual({
      ok: true,
      value: "two\nlines 👩‍👩‍👧\n",
    });
    expect(readFileSync(seen, "utf8")).toBe("600\n700\ntext.ts\none\n");
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("is VISUAL before EDITOR, with its own arguments, and a prompt is Markdown", async () => {
    const visual = `${editor(`printf '%s|' "$@" > "${seen}"`)} --wait "two words"`;
    expect(await editOutside({ text: "same" }, env({ VISUAL: visual, EDITOR: "false" }))).toEqual({ ok: true, value: "same" });
    expect(readFileSync(seen, "utf8")).toMatch(/^--wait\|two words\|.*\/text\.md\|$/);
    expect(await editOutside({ text: "same" }, env({ VISUAL: " ", EDITOR: "true" }))).toMatchObject({ ok: true });
  });

  it("may put another file in the place", async () => {
    const swap = editor(`echo new > "$file.swap"; mv "$file.swap" "$file"; touch "$file~"`);
    expect(await editOutside({ text: "old" }, env({ EDITOR: swap }))).toEqual({ ok: true, value: "new\n" });
    expect(readdirSync(temporary)).toEqual([]);
  });

  it.each([
    ["exit 3", "ended with 3; nothing was changed."],
    ["kill -TERM $$", "ended with 143; nothing was changed."],
    ['rm "$file"', "The text could not be handed over: ENOENT"],
  ])("that does %j changes nothing", async (script, message) => {
    const edited = await editOutside({ text: "old" }, env({ EDITOR: editor(script) }));
    expect(edited).toMatchObject({ ok: false, failure: { code: "TOOL_FAILED" } });
    expect(!edited.ok && edited.failure.message).toContain(message);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("that is not there is named", async () => {
    const edited = await editOutside({ text: "old" }, env({ EDITOR: "/nowhere/editor -w" }));
    expect(!edited.ok && edited.failure.message).toBe(
      "The editor `/nowhere/editor -w` could not be started; nothing was changed.",
    );
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("does not start where no file can be made", async () => {
    vi.stubEnv("TMPDIR", path.join(folder, "missing"));
    expect(await editOutside({ text: "old" }, env({ EDITOR: "true" }))).toMatchObject({
      ok: false,
      failure: { code: "TOOL_FAILED" },
    });
  });
});

describe("in a terminal", () => {
  const module = pathToFileURL(path.join(import.meta.dirname, "outside-editor.ts")).href;
  const loader = pathToFileURL(path.resolve(import.meta.dirname, "../../../../tools/typescript.mjs")).href;

  /** A program in a terminal that lends a text. Resolves to its exit status. */
  function lend(script: string, more: Readonly<Record<string, string>>) {
    const whole = `const { editOutside } = await import(${JSON.stringify(module)}); const lend = () => editOutside({ text: "old" }, process.env); ${script}`;
    const program = spawn(process.execPath, ["--import", loader, "--input-type=module", "-e", whole], {
      env: { ...env(more), TMPDIR: temporary },
    });
    let seenText = "";
    const ready = new Promise<void>((resolve) => {
      program.onData((text) => {
        seenText += text;
        if (seenText.includes("ready")) resolve();
      });
    });
    return { program, ready, ended: new Promise<number>((resolve) => program.onExit(({ exitCode }) => resolve(exitCode))) };
  }

  it("the editor has the terminal", async () => {
    const ask = editor(`test -t 0 && test -t 1 && test -t 2 || exit 1; echo ready; read line; echo "$line" > "$file"`);
    const { program, ready, ended } = lend('process.exitCode = (await lend()).value === "typed\\n" ? 0 : 1;', { EDITOR: ask });
    await ready;
    program.write("typed\r");
    expect(await ended).toBe(0);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("the file is gone when the program ends meanwhile", async () => {
    const wait = editor(`echo "$file" > "${seen}"; echo ready; read line`);
    const { program, ready, ended } = lend("process.on('SIGUSR2', () => process.exit(7)); await lend();", { EDITOR: wait });
    await ready;
    process.kill(program.pid, "SIGUSR2");
    expect(await ended).toBe(7);
    expect(existsSync(readFileSync(seen, "utf8").trim())).toBe(false);
    expect(readdirSync(temporary)).toEqual([]);
  });
});
