/** A place for pictures: a copy of an example project, a simulated model, and the command in a pty with an emulator at its other end. */
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type ScenarioInput, startSim } from "../../packages/responses/src/sim/sim.ts";
import { type Screen, openScreen } from "../../packages/cli/test/pty.ts";

export interface StageOptions {
  /** A folder of `examples`. */
  readonly project: string;
  readonly scenario: ScenarioInput;
  /** Written into the copy, by their paths in it. */
  readonly files?: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly cols: number;
  readonly rows: number;
}

/** The screen is ready for a request when `show` gets it; all is ended and removed behind it. */
export async function onStage<Shown>(
  options: StageOptions,
  show: (screen: Screen, folder: string) => Promise<Shown>,
): Promise<Shown> {
  const { project, scenario, files = {}, args, cols, rows } = options;
  const home = realpathSync(mkdtempSync(path.join(tmpdir(), "twolane-picture-")));
  const folder = path.join(home, project);
  cpSync(fileURLToPath(new URL(`../../examples/${project}`, import.meta.url)), folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  mkdirSync(path.join(home, "config"));
  const sim = await startSim({ port: 0, scenario });
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, TERM: "xterm-256color", TWOLANE_SIM_URL: sim.url };
  const screen = openScreen({ cwd: folder, env, args: ["-m", "sim/scripted", ...args], cols, rows });
  try {
    await screen.until(/^›\s*$/m);
    return await show(screen, folder);
  } finally {
    screen.kill();
    await screen.exited;
    await sim.close();
    rmSync(home, { recursive: true, force: true });
  }
}
