/** Images of the workspace that a prompt names: kept with what was said, for a model that sees. */
import path from "node:path";
import type { GuardedReader } from "../guard/guarded-reader.ts";
import type { SaidImage } from "../models/models.ts";
import { mentionedPaths } from "./mentions.ts";

const imagesAtMost = 4;
const bytesAtMost = 4 * 1024 * 1024;
const named = /\.(?:png|jpe?g|gif|webp)$/i;

/** By its first bytes, whatever its name says. */
function mimeOf(bytes: Uint8Array): SaidImage["mime"] | undefined {
  const head = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  if (head.startsWith("\u0089PNG\r\n\u001a\n")) return "image/png";
  if (head.startsWith("\u00ff\u00d8\u00ff")) return "image/jpeg";
  if (head.startsWith("GIF8")) return "image/gif";
  return head.startsWith("RIFF") && head.slice(8, 12) === "WEBP" ? "image/webp" : undefined;
}

/** `onLeft` hears of one that is too large. */
export async function imagesIn(
  prompt: string,
  {
    reader,
    calledFrom,
    onLeft,
  }: { readonly reader: GuardedReader; readonly calledFrom: string; readonly onLeft: (message: string) => void },
): Promise<readonly SaidImage[]> {
  const names = mentionedPaths(prompt).filter((name) => named.test(name));
  const images: SaidImage[] = [];
  for (const name of names.slice(0, imagesAtMost)) {
    for (const place of calledFrom === "" || calledFrom.startsWith("..") ? [name] : [path.posix.join(calledFrom, name), name]) {
      const file = await reader.readFile(place);
      const mime = file.ok ? mimeOf(file.value.bytes) : undefined;
      if (!file.ok || mime === undefined) continue;
      if (file.value.bytes.byteLength > bytesAtMost) onLeft(`${place} is larger than 4 MB and does not travel with the prompt.`);
      else images.push({ path: place, mime, data: Buffer.from(file.value.bytes).toString("base64") });
      break;
    }
  }
  return images;
}
