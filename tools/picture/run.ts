/**
 * The run that the picture shows: the command in a pty with an emulator, and a simulated model whose answer stands still in the middle of
 * a hunk. Everything is waited for by what is on the screen, nothing by time.
 */
import type { ScenarioInput } from "../../packages/responses/src/sim/sim.ts";
import type { Screen } from "../../packages/cli/test/pty.ts";
import { onStage } from "./stage.ts";
import type { Picture } from "./svg.ts";

const size = { cols: 92, rows: 40 };

const request = "make the quantity optional";
const steer = "leave the receipt as it is";

/** No hunk moves the place of a later one, which is told as it is when the hunk begins. */
const beginning = `*** Begin Patch
*** Update File: src/price.ts
@@
-export function priceOf(product: Product, quantity: number): number {
+export function priceOf(product: Product, quantity = 1): number {
*** Update File: src/receipt.ts
@@
-  return [...rows, \`total \${total(lines) / 100}\`].join("\\n");
+  return [...rows, "", \`total \${total(lines) / 100}\`].join("\\n");
*** Update File: src/cart.ts
@@
   readonly product: Product;
-  readonly quantity: number;
+  readonly quantity?: number;
@@
-  return lines.reduce((sum, { product, quantity }) => sum + priceOf(product, quantity) * quantity, 0);
`;

/** The model gets no further than where this would begin: the piece that holds the byte below never comes, and only this one is so long. */
const neverSaid = `+${"x".repeat(1_000_000)}\n*** End Patch\n`;
const withinNeverSaid = 500_000;

const scenario: ScenarioInput = {
  defaults: { ttftMs: 180, tokensPerSecond: 300, chunk: { unit: "line", size: 1 } },
  answers: [
    {
      reply: [
        { text: "One piece becomes the default, and the callers follow.\n" },
        { call: { name: ["edit"], input: beginning + neverSaid } },
      ],
      fault: { kind: "stall", atByte: withinNeverSaid },
    },
  ],
};

/** What is on the screen when three hunks have landed, one is held for a yes, one is being written, and a steer is typed. */
export async function runForPicture(): Promise<Picture> {
  const scope = ["-s", "src/price.ts", "-s", "src/cart.ts"];
  return onStage({ project: "shop", scenario, args: scope, ...size }, async (screen) => {
    screen.write(request);
    screen.press("enter");
    await screen.until(/^● src\/cart\.ts:6 [^]*^… src\/cart\.ts:10  1 line/m);
    screen.write(steer);
    await screen.until(`› ${steer}`);
    return pictureOf(screen.lines(), screen);
  });
}

/** From the request on: above it stands a folder of this machine. */
function pictureOf(lines: readonly string[], screen: Screen): Picture {
  const first = lines.findIndex((line) => line.startsWith(`› ${request}`));
  const last = lines.findLastIndex((line) => line !== "");
  const { row, column } = screen.cursor();
  return {
    columns: size.cols,
    rows: screen.styledRows().slice(first, last + 1),
    cursor: { row: row - first, column },
    caption: "twolane · the model is simulated and scripted",
    title: "twolane in a terminal, in the middle of a turn",
    description: lines.slice(first, last + 1).join("\n"),
  };
}
