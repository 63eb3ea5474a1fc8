/** Draws the pictures of the screen for README and docs from runs of the command: `npm run picture`, after a build. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runForRecording } from "./picture/recording.ts";
import { runForPicture } from "./picture/run.ts";
import { drawRecording, drawSvg } from "./picture/svg.ts";

draw("picture.svg", drawSvg(await runForPicture()));
draw("workflows.svg", drawRecording(await runForRecording()));

function draw(name: string, svg: string): void {
  const file = fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
  writeFileSync(file, svg);
  process.stdout.write(`${file}\n`);
}
