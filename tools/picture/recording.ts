/**
 * The recording of the guide: a refactor of `examples/till` from the typed request to its report, as frames of the emulated screen.
 * Every frame is waited for by what is on the screen, nothing by time but the moment in which a question takes no key.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseScenario } from "../../packages/responses/src/sim/sim.ts";
import type { Screen } from "../../packages/cli/test/pty.ts";
import { onStage } from "./stage.ts";
import type { Frame, Recording } from "./svg.ts";

/** More rows than the run prints: what is above a frame is left out by the frame, not by the terminal. */
const size = { cols: 108, rows: 70 };
/** So many rows a frame shows, the last ones. */
const rowsShown = 24;
/** A key that comes earlier does not answer a question. */
const questionSettles = 400;

/** The tests of a change end when its frame is taken: else they would be quicker than the closing words on one machine and not on another. */
const waiting = `import { existsSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
const frame = readFileSync("src/receipt.js", "utf8").includes("rowOf") ? "second" : "first";
while (!existsSync(\`\${frame}.taken\`)) await pause(10);
`;
const files = {
  "package.json": JSON.stringify({ type: "module", scripts: { test: "node --import ./waiting.js --test" } }),
  "waiting.js": waiting,
};

const request = "/refactor one place for the discount, no new dependencies";

export async function runForRecording(): Promise<Recording> {
  const scenario = parseScenario(readFileSync(new URL("../../examples/scenarios/workflows.json", import.meta.url), "utf8"));
  if (!scenario.ok) throw new Error(scenario.message);
  const fast = { ...scenario.value, defaults: { ...scenario.value.defaults, tokensPerSecond: 800 } };
  return onStage({ project: "till", scenario: fast, files, args: ["--trust"], ...size }, async (screen, folder) => {
    const frameTaken = (name: string): void => writeFileSync(path.join(folder, `${name}.taken`), "");
    screen.write(request);
    await screen.until("[no new dependencies]");
    const typed = frameOf(screen, 3);
    screen.press("enter");
    await screen.until(/yes {3}carry it out[^]*refactor asks you/);
    const planned = frameOf(screen, 6);
    await pause(questionSettles);
    screen.write("y");
    await screen.until(/stands in one place\.\n[^]* in all\n[^]*refactor 1\/2 · tests/);
    const first = frameOf(screen, 4);
    frameTaken("first");
    await screen.until(/has a name\.\n[^]* in all\n[^]*refactor 2\/2 · tests/);
    const second = frameOf(screen, 4);
    frameTaken("second");
    await screen.until(/✓ refactor done[^]*^›\s*$[^]*undecided/m);
    const frames = [typed, planned, first, second, frameOf(screen, 7)];
    return {
      ...{ columns: size.cols, frames, still: 1, caption: "twolane · the model is simulated and scripted" },
      title: "A refactor: the request, the plan and its question, two changes with their tests, the report",
      description: frames.map(({ text }) => text).join("\n\n"),
    };
  });
}

/** Without the first line, which names a folder of this machine. */
function frameOf(screen: Screen, seconds: number): Frame {
  const lines = screen.lines();
  const { row, column } = screen.cursor();
  const end =
    Math.max(
      lines.findLastIndex((line) => line !== ""),
      row,
    ) + 1;
  const first = Math.max(1, end - rowsShown);
  return {
    rows: screen.styledRows().slice(first, end),
    cursor: { row: row - first, column },
    text: lines.slice(first, end).join("\n"),
    seconds,
  };
}
