/** Files that tools write, by their names: lock files and what generators make. What follows from it is decided elsewhere. */

export const lockFile =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lock|uv\.lock|poetry\.lock|Pipfile\.lock|Cargo\.lock|go\.sum|composer\.lock|Gemfile\.lock)$/;

/** The name of a folder. */
export const generatedFolder = /^(?:generated|__generated__|gen|\.generated)$/i;

/** Names of files by the glob that says the same. */
export const generatedNames: readonly (readonly [glob: string, name: RegExp])[] = [
  ["**/*.pb.go", /\.pb\.go$/],
  ["**/*_pb2.py", /_pb2\.py$/],
  ["**/*.generated.*", /\.generated\.[^/]+$/],
  ["**/*.min.js", /\.min\.js$/],
];

export function writtenByTool(path: string): "lock file" | "generated" | undefined {
  if (lockFile.test(path)) return "lock file";
  const folders = path.split("/").slice(0, -1);
  const isGenerated = folders.some((name) => generatedFolder.test(name)) || generatedNames.some(([, name]) => name.test(path));
  return isGenerated ? "generated" : undefined;
}
