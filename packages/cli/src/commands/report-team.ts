/** Reads the exports of a team: the files of a folder, or of two folders in it that are set side by side. */
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";
import { type ExportSide, type KpiExport, type ReportData, joinExports, readExport } from "@twolane/protocol/kpis";

const cure = "Put files made with `twolane kpi export` there; or into two folders in it, whose names are those of the sides.";

/** FOLDER_MISSING, FILE_MISSING, FILE_UNREADABLE, USAGE. */
export async function readTeam(folder: string, madeAt: number): Promise<Result<ReportData>> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined)
    return fail("FOLDER_MISSING", `There is no folder \`${folder}\`.`, "Name the folder that the exports are in.");
  const folders = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .sort();
  const own = await readSide(folder, path.basename(folder));
  if (!own.ok) return own;
  const isSplit = own.value.exports.length === 0 && folders.length > 0;
  if (!isSplit && own.value.exports.length === 0) return fail("FILE_MISSING", `There is no export in \`${folder}\`.`, cure);
  if (!isSplit) return succeed(joinExports([own.value], madeAt));
  if (folders.length !== 2)
    return fail("USAGE", `\`${folder}\` has ${folders.length} folders where two are set side by side.`, cure);
  const sides: ExportSide[] = [];
  for (const name of folders) {
    const side = await readSide(path.join(folder, name), name);
    if (!side.ok) return side;
    if (side.value.exports.length === 0)
      return fail("FILE_MISSING", `There is no export in \`${path.join(folder, name)}\`.`, cure);
    sides.push(side.value);
  }
  return succeed(joinExports(sides, madeAt));
}

async function readSide(folder: string, name: string): Promise<Result<ExportSide>> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".json")).sort();
  const exports: KpiExport[] = [];
  for (const file of files) {
    const text = await readFile(path.join(folder, file), "utf8").catch(() => undefined);
    if (text === undefined) return fail("FILE_UNREADABLE", `\`${path.join(folder, file)}\` cannot be read.`);
    const read = readExport(text, path.join(folder, file));
    if (!read.ok) return read;
    exports.push(read.value);
  }
  return succeed({ name, exports });
}
