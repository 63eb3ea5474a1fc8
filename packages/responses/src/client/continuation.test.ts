import { describe, expect, test } from "vitest";
import type { CreateRequest, WireItem } from "../wire/events.ts";
import { inputMessage, replayOf } from "../wire/items.ts";
import { type Chain, newInput } from "./continuation.ts";

const user = (text: string): WireItem => inputMessage("user", text);
const reply: WireItem = { type: "message", id: "m1", status: "completed", role: "assistant", content: [], phase: null };
const call: WireItem = { type: "function_call", id: "f1", status: "completed", call_id: "c", name: "read", arguments: "{}" };
const output: WireItem = { type: "function_call_output", call_id: "c", output: "text" };
const request = (input: WireItem[], fields: object = {}): CreateRequest => ({
  model: "m",
  tools: [{ name: "read" }],
  ...fields,
  input,
});
const chain = (changes: Partial<Chain> = {}): Chain => ({
  ...{ responseId: "r", request: request([user("one")]), input: [user("one")], output: [reply, call], deferred: [] },
  ...changes,
});

describe("only what is new is sent", () => {
  test("when everything before it is the same object, the same JSON, or the item as it came", () => {
    const expected = [output];
    expect(newInput(chain(), request([user("one"), replayOf(reply), replayOf(call), output]))).toEqual(expected);
    const copies: WireItem[] = structuredClone([replayOf(reply), replayOf(call)]);
    expect(newInput(chain(), request([user("one"), ...copies, output]))).toEqual(expected);
    expect(newInput(chain(), request([user("one"), reply, call, output]))).toEqual(expected);
  });
  test("without what the server already has from a steer", () => {
    const input = [user("one"), reply, call, output, user("and mine")];
    expect(newInput(chain({ deferred: ["and mine"] }), request(input))).toEqual([output]);
    expect(newInput(chain({ deferred: ["something else"] }), request(input))).toEqual([output, user("and mine")]);
  });
});

describe("all is sent", () => {
  test.each<[string, CreateRequest]>([
    ["an item of the input differs", request([user("ONE"), reply, call, output])],
    [
      "an item of the output differs",
      request([user("one"), { ...reply, content: [{ type: "output_text", text: "!" }] }, call, output]),
    ],
    ["an item of the output is missing", request([user("one"), reply, output])],
    ["the order differs", request([user("one"), call, reply, output])],
    ["the input is shorter", request([user("one")])],
    ["a field differs", request([user("one"), reply, call, output], { model: "other" })],
    ["a tool differs", request([user("one"), reply, call, output], { tools: [] })],
    ["a field is new", request([user("one"), reply, call, output], { max_output_tokens: 5 })],
  ])("%s", (_name, next) => {
    expect(newInput(chain(), next)).toBeUndefined();
  });
  test("a field is gone", () => {
    const before = chain({ request: request([user("one")], { max_output_tokens: 5 }) });
    expect(newInput(before, request([user("one"), reply, call, output]))).toBeUndefined();
  });
});
