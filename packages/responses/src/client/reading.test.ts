import { expect, test } from "vitest";
import type { ServerEvent, WireItem } from "../wire/events.ts";
import type { ResponseEvent } from "./outcome.ts";
import { ResponseReading } from "./reading.ts";

function read(...events: ServerEvent[]): ResponseEvent[] {
  const heard: ResponseEvent[] = [];
  const reading = new ResponseReading(
    (event) => heard.push(event),
    () => true,
  );
  for (const event of events) {
    if (event.kind === "item.added") reading.added(event);
    else if (event.kind === "delta") reading.delta(event);
    else if (event.kind === "item.done") reading.done(event);
    else if (event.kind === "terminal") reading.complete(event.response);
  }
  return heard;
}

const call = (input: string, id = "c1"): WireItem => ({
  type: "function_call",
  id: `fc_${id}`,
  call_id: id,
  name: "read",
  arguments: input,
});
const custom = (input: string): WireItem => ({ type: "custom_tool_call", call_id: "c9", name: "edit", input });
const said = (text: string): WireItem => ({ type: "message", content: [{ type: "output_text", text }] });
const added = (item: WireItem, index?: number): ServerEvent => ({
  kind: "item.added",
  item,
  ...(index !== undefined && { index }),
});
const done = (item: WireItem, index?: number): ServerEvent => ({
  kind: "item.done",
  item,
  ...(index !== undefined && { index }),
});
const delta = (channel: "text" | "reasoning" | "arguments" | "input", text: string, index?: number): ServerEvent => ({
  kind: "delta",
  channel,
  delta: text,
  ...(index !== undefined && { index }),
});
const terminal = (...output: WireItem[]): ServerEvent => ({
  kind: "terminal",
  status: "completed",
  response: { id: "r", model: "m", output },
});

const started = { kind: "call.started", callId: "c1", name: "read", freeform: false };
const piece = (text: string, callId = "c1") => ({ kind: "call.delta", callId, delta: text });

test("a call as it is streamed", () => {
  const item = call('{"a":1}');
  expect(
    read(added(call(""), 0), delta("arguments", '{"a"', 0), delta("arguments", ":1}", 0), done(item, 0), terminal(item)),
  ).toEqual([started, piece('{"a"'), piece(":1}"), { kind: "item", item }]);
});

test("a free-form call", () => {
  const item = custom("*** Begin");
  expect(read(added(custom("")), delta("input", "*** Begin"), done(item))).toEqual([
    { kind: "call.started", callId: "c9", name: "edit", freeform: true },
    piece("*** Begin", "c9"),
    { kind: "item", item },
  ]);
});

test("calls side by side", () => {
  const [one, two] = [call("1", "c1"), call("22", "c2")];
  const heard = read(
    added(call("", "c1"), 0),
    added(call("", "c2"), 1),
    delta("arguments", "2", 1),
    delta("arguments", "1", 0),
    delta("arguments", "2", 1),
    done(two, 1),
    done(one, 0),
  );
  expect(heard.filter((event) => event.kind === "call.delta")).toEqual([piece("2", "c2"), piece("1"), piece("2", "c2")]);
  expect(heard.filter((event) => event.kind === "item")).toEqual([
    { kind: "item", item: two },
    { kind: "item", item: one },
  ]);
});

test("deltas of a call that was never announced come when it is known", () => {
  const item = call('{"a":1}');
  expect(read(delta("arguments", '{"a":1}', 0), done(item, 0))).toEqual([started, piece('{"a":1}'), { kind: "item", item }]);
});

test("what no delta brought comes with the item", () => {
  const item = call('{"a":1}');
  expect(read(added(call(""), 0), delta("arguments", '{"a"', 0), done(item, 0))).toEqual([
    started,
    piece('{"a"'),
    piece(":1}"),
    { kind: "item", item },
  ]);
  expect(read(done(said("hello"), 0))).toEqual([
    { kind: "text", delta: "hello" },
    { kind: "item", item: said("hello") },
  ]);
  expect(read(delta("text", "hel", 0), done(said("hello"), 0))).toEqual([
    { kind: "text", delta: "hel" },
    { kind: "text", delta: "lo" },
    { kind: "item", item: said("hello") },
  ]);
});

test("items that only the terminal event lists", () => {
  const [one, two] = [said("one"), call("{}")];
  expect(read(delta("text", "one", 0), done(one, 0), terminal(one, two))).toEqual([
    { kind: "text", delta: "one" },
    { kind: "item", item: one },
    started,
    piece("{}"),
    { kind: "item", item: two },
  ]);
});

test("an item that was cut off is not finished", () => {
  expect(read(added(call(""), 0), delta("arguments", "{", 0), done({ ...call("{"), status: "incomplete" }, 0))).toEqual([
    started,
    piece("{"),
  ]);
});

test("reasoning, and items without any text", () => {
  const reasoning: WireItem = { type: "reasoning", summary: [{ type: "summary_text", text: "hm" }] };
  expect(read(delta("reasoning", "hm", 0), done(reasoning, 0))).toEqual([
    { kind: "reasoning", delta: "hm" },
    { kind: "item", item: reasoning },
  ]);
});

test("the next response starts from nothing", () => {
  const heard: ResponseEvent[] = [];
  const reading = new ResponseReading(
    (event) => heard.push(event),
    () => true,
  );
  reading.done({ item: said("one"), index: 0 });
  reading.restart();
  expect(reading.output).toEqual([]);
  reading.done({ item: said("two"), index: 0 });
  expect(heard.filter((event) => event.kind === "item")).toHaveLength(2);
  expect(reading.output).toEqual([said("two")]);
});
