/** Images that a prompt names: kept for a model that sees, never sent to one that does not. */
import fs from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { type ContextStage, openContextStage } from "./context-stage.ts";

let stage: ContextStage;
afterEach(() => stage?.close());

const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const answers = [{ reply: [{ text: "Yes." }] }];

describe("an image that a prompt names", () => {
  it("is kept where the model reads text only, which is said, and is sent once one that sees goes on", async () => {
    stage = await openContextStage({ files: { "a.txt": "a\n", "false.png": "no image\n" }, window: 100_000, answers });
    fs.writeFileSync(`${stage.root}/shot.png`, png);
    await stage.turn("make it look like @shot.png and false.png");
    expect(JSON.stringify(stage.bodies())).not.toContain("input_image");
    expect(JSON.stringify(stage.bodies())).toContain("[image: shot.png]");
    expect(stage.events()).toContainEqual(
      expect.objectContaining({ type: "notice.given", code: "IMAGE_KEPT", message: expect.stringContaining("shot.png is kept") }),
    );
    // Kept over the end of the process, too.
    await stage.reopen(() => stage.configure({ images: true }));
    await stage.turn("go on");
    const body = JSON.stringify(stage.bodies().at(-1));
    expect(body).toContain(`"type":"input_image","detail":"auto","image_url":"data:image/png;base64,${png.toString("base64")}"`);
    expect(body.split("input_image")).toHaveLength(2);
  });
});
