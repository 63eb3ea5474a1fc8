import { Readable } from "node:stream";
import type { Command, Failure } from "@twolane/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCommand, sendCommands } from "./jsonl-input.ts";

describe("a line of commands", () => {
  it.each<[string, Command | Failure["code"]]>([
    ['{"type":"prompt","text":"do"}', { type: "prompt", text: "do" }],
    ['{"type":"steer","text":"left","more":1}', { type: "steer", text: "left" }],
    ['{"type":"queue","text":"later"}', { type: "queue", text: "later" }],
    ['{"type":"stop"}', { type: "stop" }],
    ['{"type":"hunk.reject","hunks":["h1"]}', { type: "hunk.reject", hunks: ["h1"] }],
    ['{"type":"hunk.reject","hunks":["h1"],"reason":"slow"}', { type: "hunk.reject", hunks: ["h1"], reason: "slow" }],
    ['{"type":"queue.edit","id":"q1","text":""}', { type: "queue.edit", id: "q1", text: "" }],
    ['{"type":"mode.set","mode":"step"}', { type: "mode.set", mode: "step" }],
    ['{"type":"mode.set","mode":"fast"}', "USAGE"],
    ['{"type":"hunk.accept","hunks":"h1"}', "USAGE"],
    ['{"type":"hunk.accept"}', "USAGE"],
    ['{"type":"toString"}', "USAGE"],
    ['{"type":"prompt","text":" "}', "REQUEST_EMPTY"],
    ['{"type":"prompt"}', "REQUEST_EMPTY"],
    ['{"type":"go"}', "USAGE"],
    ["[]", "USAGE"],
    ["null", "USAGE"],
    ["hello", "USAGE"],
    ["", "USAGE"],
  ])("%s", (line, expected) => {
    const command = parseCommand(line);
    expect(command.ok ? command.value : command.failure.code).toEqual(expected);
  });

  it("is never a crash", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => typeof parseCommand(line).ok === "boolean"));
  });

  it("is taken in order, blank ones passed over, a bad one told without ending the session", async () => {
    const sent: string[] = [];
    const refused: string[] = [];
    const sink = {
      send: (command: Command) => void sent.push(command.type),
      idle: () => Promise.resolve(),
      hideSecrets: (text: string) => text,
    };
    const input = Readable.from(['{"type":"prompt","te', 'xt":"a"}\r\n\n', "no\n", '{"type":"stop"}']);
    await sendCommands(sink, { input, refuse: ({ code }) => void refused.push(code) });
    expect([sent, refused]).toEqual([["prompt", "stop"], ["USAGE"]]);
  });
});
