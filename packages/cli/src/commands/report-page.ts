/** Puts the data of a report into its page, and the page into a file. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";
import type { ReportData } from "@twolane/protocol/kpis";

/** By this a file is known to be a report, and is written anew. */
const ownMark = '<meta name="generator" content="twolane report" />';

/** FILE_EXISTS where something else stands there; FILE_UNWRITABLE. */
export async function writePage(file: string, data: ReportData): Promise<Result<void>> {
  const page = await readFile(path.join(import.meta.dirname, "report.html"), "utf8");
  try {
    const there = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return ownMark;
      throw error;
    });
    if (!there.includes(ownMark))
      return fail("FILE_EXISTS", `\`${file}\` is there and is no report of twolane.`, "Name another file with --out.");
    await writeFile(
      file,
      page.replace("{{data}}", () => escaped(data)),
    );
    return succeed(undefined);
  } catch (error) {
    const [why] = String(error instanceof Error ? error.message : error).split(",");
    return fail("FILE_UNWRITABLE", `The report could not be written: ${why}.`);
  }
}

/** No text in it can end the script that it stands in. */
const escaped = (data: ReportData): string => JSON.stringify(data).replaceAll("<", "\\u003c");
