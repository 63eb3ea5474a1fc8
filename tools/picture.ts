/** Draws the picture of the screen for README and docs from a run of the command: `npm run picture`, after a build. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runForPicture } from "./picture/run.ts";
import { drawSvg } from "./picture/svg.ts";

const file = fileURLToPath(new URL("../docs/picture.svg", import.meta.url));
writeFileSync(file, drawSvg(await runForPicture()));
process.stdout.write(`${file}\n`);
