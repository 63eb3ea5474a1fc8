import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { eventSchema } from "./event-schema.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const published = path("../docs/events.schema.json");

describe("the published schema of events", () => {
  it("is what the protocol's types say (UPDATE_DOCS=1 writes it anew)", () => {
    const current = `${JSON.stringify(eventSchema(path("../packages/protocol/src/events.ts")), null, 2)}\n`;
    if (process.env["UPDATE_DOCS"] === "1") writeFileSync(published, current);
    expect(readFileSync(published, "utf8")).toBe(current);
  });

  it("takes an event and refuses one without its fields", () => {
    const schema = z.fromJSONSchema(JSON.parse(readFileSync(published, "utf8")));
    const stamp = { at: 1, mono: 1, lane: "fast", session: "s" };
    expect(schema.safeParse({ ...stamp, type: "turn.started", turn: "t1", prompt: "x" }).success).toBe(true);
    expect(schema.safeParse({ ...stamp, type: "turn.started", turn: "t1" }).success).toBe(false);
  });
});
