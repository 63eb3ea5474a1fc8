/** The table of edit dialects: for each its parsers, its tool, and the text that teaches it. */
import type { DialectName, ModelCapabilities } from "@twolane/protocol";
import type { ToolDefinition } from "../../models/models.ts";
import type { DialectParser } from "../edits.ts";
import { applyPatchCallParser } from "./apply-patch-call.ts";
import applyPatchCallText from "./apply-patch-call.md";
import { jsonTextParser } from "./json-text.ts";
import { searchReplaceParser } from "./search-replace.ts";
import searchReplaceText from "./search-replace.md";
import { strReplaceParser } from "./str-replace.ts";
import strReplaceText from "./str-replace.md";
import { unifiedDiffParser } from "./unified-diff.ts";
import unifiedDiffText from "./unified-diff.md";
import { v4aGrammar } from "./v4a-grammar.ts";
import { v4aParser } from "./v4a.ts";
import v4aText from "./v4a.md";
import { wholeFileJsonParser, wholeFileMessageParser } from "./whole-file.ts";
import wholeFileText from "./whole-file.md";
import wholeFileMessageText from "./whole-file-message.md";

export type EditForm = ModelCapabilities["editForm"];

interface Dialect {
  /** `freeform` is absent where the dialect is JSON by itself. */
  readonly parsers: {
    readonly json: () => DialectParser;
    readonly message: () => DialectParser;
    readonly freeform?: () => DialectParser;
  };
  readonly description: string;
  readonly grammar?: string;
  readonly parameters: Record<string, unknown>;
  /** A provider's own tool that writes exactly this. */
  readonly builtin?: "apply_patch";
  /** What a model without tools is told. */
  readonly inMessage: string;
}

const text = { type: "string" };
const patchParameters = { type: "object", properties: { patch: text }, required: ["patch"] };

/** A dialect that is plain text: as a tool's raw input, inside JSON, or in an answer. */
function textDialect(parser: () => DialectParser, description: string): Dialect {
  return {
    parsers: { freeform: parser, message: parser, json: () => jsonTextParser(parser) },
    description,
    parameters: patchParameters,
    inMessage: description,
  };
}

const dialects: Record<DialectName, Dialect> = {
  v4a: { ...textDialect(v4aParser, v4aText), grammar: v4aGrammar },
  "search-replace": textDialect(searchReplaceParser, searchReplaceText),
  "unified-diff": textDialect(unifiedDiffParser, unifiedDiffText),
  "str-replace": {
    // Search/replace blocks are the same thing written as text.
    parsers: { json: strReplaceParser, message: searchReplaceParser },
    description: strReplaceText,
    parameters: {
      type: "object",
      properties: {
        path: text,
        edits: {
          type: "array",
          items: { type: "object", properties: { old: text, new: text, all: { type: "boolean" } }, required: ["old", "new"] },
        },
        move: text,
        delete: { type: "boolean" },
      },
      required: ["path"],
    },
    inMessage: searchReplaceText,
  },
  "whole-file": {
    parsers: { json: wholeFileJsonParser, message: wholeFileMessageParser },
    description: wholeFileText,
    parameters: { type: "object", properties: { path: text, content: text }, required: ["path", "content"] },
    inMessage: wholeFileMessageText,
  },
  "apply-patch-call": {
    // In the text of an answer the operations of a patch are V4A with its envelope.
    parsers: { json: applyPatchCallParser, message: v4aParser },
    description: applyPatchCallText,
    parameters: {
      type: "object",
      properties: { type: { type: "string", enum: ["create_file", "update_file", "delete_file"] }, path: text, diff: text },
      required: ["type", "path"],
    },
    builtin: "apply_patch",
    inMessage: v4aText,
  },
};

/** A fresh parser for one stream. Dialects that are JSON by themselves read JSON in form `freeform` too. */
export function createParser(dialect: DialectName, form: EditForm): DialectParser {
  const { parsers } = dialects[dialect];
  return (parsers[form] ?? parsers.json)();
}

/** The tool `edit` as a model sees it; every request carries it, so it is short and byte-stable. */
export function editTool(dialect: DialectName, form: Exclude<EditForm, "message">): ToolDefinition {
  const { parsers, description: untrimmed, grammar, parameters, builtin } = dialects[dialect];
  const description = untrimmed.trimEnd();
  if (form === "json" || parsers.freeform === undefined)
    return { name: "edit", description, freeform: false, parameters, followed: true, ...(builtin && { builtin }) };
  const definition = grammar === undefined ? {} : { grammar: { syntax: "lark", definition: grammar } as const };
  return { name: "edit", description, freeform: true, ...definition };
}

/** For models without tools: how edits are written in the answer itself. */
export function teachInMessage(dialect: DialectName): string {
  return dialects[dialect].inMessage.trimEnd();
}
