import { expect, test } from "vitest";
import type { ServerEvent } from "../wire/events.ts";
import { RequestTable } from "./requests.ts";

const created = (id: string, lane?: string): ServerEvent => ({
  kind: "created",
  response: { id, model: "m", output: [] },
  ...(lane !== undefined && { lane }),
});
const completed = (id: string, lane?: string): ServerEvent => ({
  kind: "terminal",
  status: "completed",
  response: { id, model: "m", output: [] },
  ...(lane !== undefined && { lane }),
});
const delta = (text: string, lane?: string): ServerEvent => ({
  kind: "delta",
  channel: "text",
  delta: text,
  ...(lane !== undefined && { lane }),
});
const error = (lane?: string): ServerEvent => ({ kind: "error", error: { message: "no" }, ...(lane !== undefined && { lane }) });

function listener(): { readonly got: string[]; readonly receive: (event: ServerEvent) => void; readonly fail: () => void } {
  const got: string[] = [];
  return { got, receive: (event) => got.push(event.kind === "delta" ? event.delta : event.kind), fail: () => got.push("failed") };
}

test("one lane carries one response after the other", () => {
  const table = new RequestTable();
  const [one, two] = [listener(), listener()];
  const first = table.add(undefined, one);
  table.add(undefined, two);
  for (const event of [created("a"), delta("1"), completed("a")]) table.route(event, 1);
  table.remove(first);
  for (const event of [created("b"), delta("2"), completed("b")]) table.route(event, 1);
  expect(one.got).toEqual(["created", "1", "terminal"]);
  expect(two.got).toEqual(["created", "2", "terminal"]);
});

test("lanes interleave; what is detached is dropped until it is over", () => {
  const table = new RequestTable();
  const [one, two] = [listener(), listener()];
  const first = table.add(undefined, one);
  table.route(created("a"), 1);
  let over = 0;
  table.detach(first, () => (over += 1));
  table.add("l", two);
  for (const event of [delta("tail"), created("b", "l"), delta("tail"), delta("new", "l"), completed("a"), completed("b", "l")])
    table.route(event, 1);
  expect(over).toBe(1);
  expect(one.got).toEqual(["created"]);
  expect(two.got).toEqual(["created", "new", "terminal"]);
  expect(table.size).toBe(1);
});

test("an event that names a response goes there, even on another lane", () => {
  const table = new RequestTable();
  const [one, two] = [listener(), listener()];
  table.add(undefined, one);
  table.add("l", two);
  table.route(created("a"), 1);
  table.route(created("b", "l"), 1);
  table.route({ kind: "steer.accepted", responseId: "b" }, 1);
  expect(two.got).toEqual(["created", "steer.accepted"]);
});

test("an error without a lane belongs to the only request; without any, to the connection", () => {
  const table = new RequestTable();
  const one = listener();
  expect(table.route(error(), 1)).toBe(false);
  table.add("l", one);
  expect(table.route(error(), 1)).toBe(true);
  expect(one.got).toEqual(["error"]);
});

test("events of an unknown lane belong to nobody", () => {
  const table = new RequestTable();
  const one = listener();
  table.add(undefined, one);
  expect(table.route(delta("x", "elsewhere"), 1)).toBe(false);
  expect(one.got).toEqual([]);
});

test("all fail together, once", () => {
  const table = new RequestTable();
  const [one, two] = [listener(), listener()];
  table.add(undefined, one);
  table.detach(table.add(undefined, two), () => {});
  table.failAll({ at: "half-open" });
  table.failAll({ at: "half-open" });
  expect([one.got, two.got, table.size]).toEqual([["failed"], [], 0]);
});
