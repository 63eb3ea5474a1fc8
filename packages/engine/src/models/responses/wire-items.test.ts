/** Calls of the provider's own patch tool ↔ the conversation; the published types say what their items are. */
import type { ResponseInputItem } from "openai/resources/responses/responses";
import { describe, expect, it } from "vitest";
import { type ResolvedModel, resolveModel } from "../catalog.ts";
import type { ConversationItem, ModelRequest, ToolDefinition } from "../models.ts";
import { createRequest, readItem } from "./wire-items.ts";

const resolved = resolveModel("openai/gpt-5", { env: { OPENAI_API_KEY: "k" } });
if (!resolved.ok) throw new Error(resolved.failure.message);
const model: ResolvedModel = resolved.value;

const plain: ToolDefinition = { name: "edit", description: "edits", freeform: false, parameters: { type: "object" } };
const builtin: ToolDefinition = { ...plain, builtin: "apply_patch" };
const operation = { type: "update_file", path: "a", diff: "@@\n-x\n+y\n" } as const;
const inputOf = (items: readonly ConversationItem[], tool: ToolDefinition = builtin): readonly object[] => {
  const request: ModelRequest = { items, tools: [tool] };
  return [...createRequest(request, model).input];
};
const user: ConversationItem = { kind: "user", text: "do" };
const call = (input: string): ConversationItem => ({ kind: "call", call: "c", tool: "edit", input, freeform: false });
const output: ConversationItem = { kind: "output", call: "c", text: "done", freeform: false };

describe("the provider's own patch tool", () => {
  it("stands in the request without a description", () => {
    expect(createRequest({ items: [user], tools: [builtin] }, model)["tools"]).toEqual([{ type: "apply_patch" }]);
    expect(createRequest({ items: [user], tools: [plain] }, model)["tools"]).toMatchObject([{ type: "function", name: "edit" }]);
  });

  it("goes back as it came, with the status that its kind needs and nothing that is not taken", () => {
    const came = { id: "apc_1", type: "apply_patch_call", call_id: "c", status: "completed", operation, created_by: "x" };
    const item = readItem(came, "edit");
    expect(item).toMatchObject({ kind: "call", call: "c", tool: "edit", freeform: false, input: JSON.stringify(operation) });
    const expected: ResponseInputItem[] = [
      { id: "apc_1", type: "apply_patch_call", call_id: "c", status: "completed", operation },
      { type: "apply_patch_call_output", call_id: "c", status: "completed", output: "done" },
    ];
    expect(inputOf([user, item, output]).slice(1)).toEqual(expected);
  });

  it("is said as an operation also where only the input was kept, and failed where something did", () => {
    const expected: ResponseInputItem[] = [
      { type: "apply_patch_call", call_id: "c", status: "completed", operation },
      { type: "apply_patch_call_output", call_id: "c", status: "failed", output: "no" },
    ];
    const failed: ConversationItem = { ...output, kind: "output", call: "c", text: "no", freeform: false, failed: true };
    expect(inputOf([user, call(JSON.stringify(operation)), failed]).slice(1)).toEqual(expected);
  });

  it("is answered where it was interrupted", () => {
    expect(inputOf([user, call(JSON.stringify(operation)), user])[2]).toEqual({
      ...{ type: "apply_patch_call_output", call_id: "c", status: "failed", output: "interrupted" },
    });
  });

  it("is a function call where there is no operation in it", () => {
    expect(inputOf([user, call("torn"), output]).slice(1)).toEqual([
      { type: "function_call", call_id: "c", name: "edit", arguments: "torn" },
      { type: "function_call_output", call_id: "c", output: "done" },
    ]);
  });

  it("becomes a function call with its output when another model goes on, and back", () => {
    const answered = [user, call(JSON.stringify(operation)), output];
    const interrupted = answered.slice(0, 2);
    let items = answered;
    const kinds = (tool: ToolDefinition): unknown[] => inputOf(items, tool).map((item) => "type" in item && item.type);
    for (let turn = 0; turn < 4; turn++) {
      items = turn % 2 === 0 ? answered : interrupted;
      expect(kinds(builtin)).toEqual(["message", "apply_patch_call", "apply_patch_call_output"]);
      expect(kinds(plain)).toEqual(["message", "function_call", "function_call_output"]);
    }
  });

  it("gives the same objects for the same conversation", () => {
    const items = [user, call(JSON.stringify(operation)), output];
    const [one, other] = [inputOf(items), inputOf(items)];
    for (const [index, item] of one.entries()) expect(other[index]).toBe(item);
  });
});
