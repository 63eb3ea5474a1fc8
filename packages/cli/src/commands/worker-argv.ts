/** How this very command is started once more, to work on a job of the deep lane. */
import path from "node:path";

export const workerArgv = (): readonly string[] => [process.execPath, path.resolve(process.argv[1] ?? ""), "deep-worker"];
