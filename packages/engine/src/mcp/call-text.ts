/** What a server answers to a call → text for the model: capped, with a word for what is no text. Pure. */
import { byteLength, cutToBytes } from "../std/text.ts";
import type { CallAnswer } from "./thread-messages.ts";

/** The kinds that the protocol has, and whatever comes to it. */
export interface AnswerPart {
  readonly type: string;
  readonly text?: unknown;
  readonly data?: unknown;
  readonly mimeType?: unknown;
  readonly uri?: unknown;
  readonly name?: unknown;
  readonly resource?: unknown;
}

export interface ServerAnswer {
  readonly content?: readonly AnswerPart[] | undefined;
  readonly structuredContent?: unknown;
  readonly isError?: boolean | undefined;
}

const longest = 32 * 1024;

export function callText({ content = [], structuredContent, isError }: ServerAnswer): CallAnswer {
  const parts = content.map(partText).filter((text) => text !== "");
  // A server that gives structure is to give the same as text as well; not all do.
  if (parts.length === 0 && structuredContent !== undefined) parts.push(JSON.stringify(structuredContent));
  const whole = parts.join("\n");
  const kept = cutToBytes(whole, longest);
  const cut =
    kept === whole ? "" : `\n[cut: ${byteLength(whole) - byteLength(kept)} more bytes are left out; ask for less at once]`;
  const text = whole === "" ? "(The tool said nothing.)" : kept + cut;
  return { ok: isError !== true, text };
}

function partText(part: AnswerPart): string {
  switch (part.type) {
    case "text":
      return textOf(part.text);
    case "image":
    case "audio":
      return `[${part.type} ${textOf(part.mimeType)}, ${sizeOf(part.data)}: not shown here]`;
    case "resource_link":
      return `[resource ${textOf(part.name)} ${textOf(part.uri)}]`;
    case "resource":
      return resourceText(part.resource);
    default:
      return `[${part.type}: not shown here]`;
  }
}

function resourceText(resource: unknown): string {
  if (typeof resource !== "object" || resource === null) return "";
  const fields = new Map<string, unknown>(Object.entries(resource));
  const uri = textOf(fields.get("uri"));
  const text = fields.get("text");
  return typeof text === "string" ? `[${uri}]\n${text}` : `[resource ${uri}, ${sizeOf(fields.get("blob"))}: not shown here]`;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** Of what is written in base64. */
function sizeOf(data: unknown): string {
  const bytes = Math.floor((textOf(data).length * 3) / 4);
  return bytes < 1024 ? `${bytes} bytes` : `${Math.round(bytes / 1024)} KB`;
}
