/** The diagnostics desk of a session: where its checker works, and what of it may be told. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { createScriptDiagnostics } from "../code/diagnostics/script-diagnostics.ts";
import { isThere, readTextIfThere } from "../host/user-files.ts";
import { DiagnosticsDesk } from "./diagnostics-desk.ts";
import type { LiveParts } from "./live-parts.ts";

/** One of these at the workspace's root: code that can be checked is likely here. Elsewhere the first change of such a file says so. */
const projectFiles = ["tsconfig.json", "jsconfig.json", "package.json"];

/** Bytes of a file that is read on this side. */
const largestRead = 512 * 1024;

export function openDiagnosticsDesk({ parts, emit, mayTell }: LiveParts): DiagnosticsDesk {
  const { root } = parts.workspace;
  return new DiagnosticsDesk({
    ...{ emit, mayTell },
    hasProject: () => projectFiles.some((name) => isThere(path.join(root, name))),
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
