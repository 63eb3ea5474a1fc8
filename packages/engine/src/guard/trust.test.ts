/** Trust: said once, bound to bytes, kept where nothing of the workspace can say it for itself. */
import fs from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type StateFolder, openStateFolder } from "../journal/state-folder.ts";
import { type TrustPlace, giveTrust, isTrusted, readTrust, revokeTrust } from "./trust.ts";

let folder = "";
let place: TrustPlace;

const opened = (home: string, root: string): StateFolder => {
  const state = openStateFolder(home, root);
  if (!state.ok) throw new Error(state.failure.message);
  return state.value;
};
const write = (name: string, text: string): void => {
  fs.mkdirSync(path.dirname(path.join(place.workspace.root, name)), { recursive: true });
  fs.writeFileSync(path.join(place.workspace.root, name), text);
};

beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), "twolane-trust-")));
  const root = path.join(folder, "workspace");
  fs.mkdirSync(root);
  place = { workspace: { root, kind: "folder" }, state: opened(path.join(folder, "state"), root) };
  write(".twolane/policy.yaml", "version: 1\n");
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const now = new Date("2026-11-26T12:00:00Z");

describe("trust", () => {
  it("is not there until somebody says so, and goes when it is taken back", () => {
    expect(readTrust(place)).toEqual({ kind: "new", files: [".twolane/policy.yaml"] });
    expect(giveTrust(place, now).ok).toBe(true);
    expect(readTrust(place)).toMatchObject({ kind: "trusted", since: "2026-11-26T12:00:00.000Z" });
    revokeTrust(place);
    expect(isTrusted(place)).toBe(false);
  });

  it.each<[string, () => void, string[]]>([
    ["a changed byte", () => write(".twolane/policy.yaml", "version: 2\n"), [".twolane/policy.yaml"]],
    ["an added file", () => write(".twolane/hooks/start", "x"), [".twolane/hooks/start"]],
    [
      "a file that is gone",
      () => fs.rmSync(path.join(place.workspace.root, ".twolane"), { recursive: true }),
      [".twolane/policy.yaml"],
    ],
    ["what a package manager reads first", () => write(".npmrc", "script-shell=./x"), [".npmrc"]],
    ["where cargo finds its programs", () => write(".cargo/config.toml", "x"), [".cargo/config.toml"]],
  ])("ends with %s, and says which", (_, change, changed) => {
    giveTrust(place, now);
    change();
    expect(readTrust(place)).toMatchObject({ kind: "changed", changed });
    expect(isTrusted(place)).toBe(false);
    giveTrust(place, now);
    expect(isTrusted(place)).toBe(true);
  });

  it("comes back with the bytes that it was given for", () => {
    giveTrust(place, now);
    write(".twolane/policy.yaml", "x");
    write(".twolane/policy.yaml", "version: 1\n");
    expect(isTrusted(place)).toBe(true);
  });

  it("does not end with ordinary work: sources, tests, scripts", () => {
    giveTrust(place, now);
    for (const name of ["src/a.ts", "package.json", "vitest.config.ts", "test/a.test.ts", ".git/config"]) write(name, "x");
    expect(isTrusted(place)).toBe(true);
  });

  it("does not end with an approval that comes with a branch, however many there are; with anything else in their folder it does", () => {
    giveTrust(place, now);
    const record = (at: number): string => `.twolane/approvals/${at.toString(16).padStart(64, "0")}-0123abcd.json`;
    for (let at = 0; at < 600; at += 1) write(record(at), "x");
    write(`${record(0)}.sig`, "x");
    expect(readTrust(place)).toMatchObject({ kind: "trusted", files: [".twolane/policy.yaml"] });
    write(".twolane/approvals/start.sh", "x");
    expect(readTrust(place)).toMatchObject({ kind: "changed", changed: [".twolane/approvals/start.sh"] });
    fs.rmSync(path.join(place.workspace.root, ".twolane/approvals/start.sh"));
    fs.symlinkSync("../policy.yaml", path.join(place.workspace.root, record(1000)));
    expect(readTrust(place)).toMatchObject({ kind: "changed", changed: [record(1000)] });
  });

  it("sees through links: another target, and other bytes behind the same one", () => {
    write("elsewhere/a.yaml", "a");
    write("elsewhere/b.yaml", "a");
    const link = path.join(place.workspace.root, ".twolane/extra.yaml");
    fs.symlinkSync("../elsewhere/a.yaml", link);
    giveTrust(place, now);
    write("elsewhere/a.yaml", "b");
    expect(readTrust(place)).toMatchObject({ kind: "changed", changed: [".twolane/extra.yaml"] });
    write("elsewhere/a.yaml", "a");
    expect(isTrusted(place)).toBe(true);
    fs.rmSync(link);
    fs.symlinkSync("../elsewhere/b.yaml", link);
    expect(isTrusted(place)).toBe(false);
  });

  it("is for one folder: a record carried to another counts nothing", () => {
    giveTrust(place, now);
    const root = path.join(folder, "other");
    fs.cpSync(place.workspace.root, root, { recursive: true });
    const other = { workspace: { root, kind: "folder" as const }, state: opened(path.join(folder, "state"), root) };
    fs.copyFileSync(path.join(place.state.path, "trust.json"), path.join(other.state.path, "trust.json"));
    expect(readTrust(other)).toMatchObject({ kind: "new" });
  });

  it("is readable by its user only, and a record that others may write, or that is a link, counts nothing", () => {
    giveTrust(place, now);
    const record = path.join(place.state.path, "trust.json");
    expect(fs.statSync(record).mode & 0o777).toBe(0o600);
    fs.chmodSync(record, 0o666);
    expect(isTrusted(place)).toBe(false);
    fs.chmodSync(record, 0o600);
    fs.renameSync(record, `${record}.real`);
    fs.symlinkSync(`${record}.real`, record);
    expect(isTrusted(place)).toBe(false);
  });

  it("is impossible where the state folder lies in the workspace", () => {
    const { root } = place.workspace;
    place = { ...place, state: opened(path.join(root, ".state"), root) };
    expect(giveTrust(place, now)).toMatchObject({ ok: false, failure: { code: "TRUST_IMPOSSIBLE" } });
    expect(isTrusted(place)).toBe(false);
  });

  it("is impossible where there is more than anybody could look at", () => {
    for (let at = 0; at < 600; at += 1) write(`.twolane/${at}`, "x");
    expect(readTrust(place)).toMatchObject({ kind: "impossible" });
    expect(giveTrust(place, now).ok).toBe(false);
  });

  it.each(["", "{", "[]", "null", '{"version":1}', '{"version":2,"root":"x","since":"","files":{}}'])(
    "is not given by a damaged record: %s",
    (text) => {
      fs.writeFileSync(path.join(place.state.path, "trust.json"), text, { mode: 0o600 });
      expect(readTrust(place)).toMatchObject({ kind: "new" });
    },
  );
});
