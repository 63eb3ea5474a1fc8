/** The diagnostics desk of a session: where its checker works, and what of it may be told. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { createScriptDiagnostics } from "../code/diagnostics/script-diagnostics.ts";
import { isThere, readTextIfThere } from "../host/user-files.ts";
import { DiagnosticsDesk } from "./diagnostics-desk.ts";
import type { LiveParts } from "./live-parts.ts";

/** Where none of these stands above a file, it is a script by itself: nothing is loaded for it. */
const projectFiles = ["tsconfig.json", "jsconfig.json", "package.json"];

/** Bytes of a file that is read on this side. */
const largestRead = 512 * 1024;

export function openDiagnosticsDesk({ parts, emit, mayTell }: LiveParts): DiagnosticsDesk {
  const { root } = parts.workspace;
  return new DiagnosticsDesk({
    ...{ emit, mayTell },
    hasProject: (file = "") =>
      foldersAbove(file).some((folder) => projectFiles.some((name) => isThere(path.join(root, folder, name)))),
    read(file) {
      const read = readTextIfThere(path.join(root, file), largestRead);
      return read.ok ? { before: read.value?.replace(/^\ufeff/, "") } : undefined;
    },
    open: (events) =>
      createScriptDiagnostics(
        {
          workspaceRoot: root,
          isTrusted: () => parts.isTrusted(),
          workerPath: fileURLToPath(new URL("../code/diagnostics/worker.ts", import.meta.url)),
        },
        events,
      ),
  });
}

/** From the workspace's root down to the file's. */
function foldersAbove(file: string): readonly string[] {
  const names = file.split("/").slice(0, -1);
  return ["", ...names.map((_, at) => names.slice(0, at + 1).join("/"))];
}
