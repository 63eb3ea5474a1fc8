/** A stage for workflows in tests of the screen: a small project with a test, a scripted model, the session in a pty. */
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";
import { type Sandbox, git, openSandbox } from "./command.ts";
import { type Screen, openScreen } from "./pty.ts";

export type Answers = ScenarioInput["answers"];

export interface WorkflowScreen {
  readonly sandbox: Sandbox;
  readonly sim: Sim;
  readonly env: Readonly<Record<string, string>>;
  /** A session in a terminal of 100×30, which has trusted the workspace. */
  open(args?: readonly string[]): Promise<Screen>;
  /** Paths that differ from the commit at the beginning, with what git says of them; runner's files are ignored. */
  changed(): string;
  close(): Promise<void>;
}

/** The project: `files` in a repository of one commit. */
export async function openWorkflowScreen(files: Readonly<Record<string, string>>, answers: Answers): Promise<WorkflowScreen> {
  const sandbox = openSandbox();
  for (const [path, text] of Object.entries(files)) sandbox.write(path, text);
  git(sandbox.folder, "init", "-q");
  git(sandbox.folder, "add", "-A");
  git(sandbox.folder, "commit", "-qm", "first");
  const sim = await startSim({ port: 0, scenario: { answers } });
  const identity = { GIT_AUTHOR_NAME: "test", GIT_COMMITTER_NAME: "test", EMAIL: "test@example.org" };
  const env = { ...sandbox.env, ...identity, TWOLANE_SIM_URL: sim.url };
  const screens: Screen[] = [];
  return {
    ...{ sandbox, sim, env },
    async open(args = []) {
      const screen = openScreen({
        ...{ cwd: sandbox.folder, env, args: ["-m", "sim/scripted", "--trust", ...args], cols: 100, rows: 30 },
      });
      screens.push(screen);
      await screen.until("fast", { timeout: 20_000 });
      return screen;
    },
    changed: () => git(sandbox.folder, "status", "--porcelain").trim(),
    async close() {
      for (const screen of screens) screen.kill();
      await sim.close();
      sandbox.remove();
    },
  };
}

/** A key counts only when the question was there long enough to be read. */
export async function answer(screen: Screen, key: string): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 350));
  screen.write(key);
}

export const shows =
  (text: string) =>
  (screen: Screen): boolean =>
    screen.scrollback().join("\n").includes(text);
