/** For tests of the gates: a real repository in a folder of its own. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

export interface GateRepository {
  readonly root: string;
  git(...args: readonly string[]): string;
  write(file: string, content: string | Uint8Array): void;
  /** Writes and stages. */
  stage(files: Readonly<Record<string, string | Uint8Array>>): void;
  commit(message: string, files?: Readonly<Record<string, string | Uint8Array>>): string;
  remove(): void;
}

const environment: NodeJS.ProcessEnv = {
  ...process.env,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_AUTHOR_NAME: "Ann",
  GIT_AUTHOR_EMAIL: "ann@example.org",
  GIT_COMMITTER_NAME: "Ann",
  GIT_COMMITTER_EMAIL: "ann@example.org",
};

export function makeRepository(files: Readonly<Record<string, string | Uint8Array>> = {}): GateRepository {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-gates-")));
  const repository = repositoryAt(path.join(folder, "work"), () => fs.rmSync(folder, { recursive: true, force: true }));
  fs.mkdirSync(repository.root);
  repository.git("init", "-q", "-b", "main");
  if (Object.keys(files).length > 0) repository.commit("first", files);
  return repository;
}

/** A clone of it, made by git with these options, beside it. */
export function cloneOf(repository: GateRepository, name: string, ...options: readonly string[]): GateRepository {
  const root = path.join(path.dirname(repository.root), name);
  execFileSync("git", ["clone", "-q", ...options, `file://${repository.root}`, root], { env: environment, stdio: "pipe" });
  return repositoryAt(root, () => {});
}

function repositoryAt(root: string, remove: () => void): GateRepository {
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-C", root, ...args], { encoding: "utf8", env: environment, stdio: ["ignore", "pipe", "pipe"] });
  const write: GateRepository["write"] = (file, content) => {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), content);
  };
  const stage: GateRepository["stage"] = (files) => {
    for (const [file, content] of Object.entries(files)) write(file, content);
    if (Object.keys(files).length > 0) git("--literal-pathspecs", "add", "--", ...Object.keys(files));
  };
  return {
    root,
    git,
    write,
    stage,
    commit(message, files = {}) {
      stage(files);
      git("commit", "-q", "--allow-empty", "-m", message);
      return git("rev-parse", "HEAD").trim();
    },
    remove,
  };
}
