/** What a model asks to run, and where that would be: the folder and the paths that it names, held against the workspace. */
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";
import type { CommandFacts } from "@twolane/policy";
import { realPlace } from "../../host/sandbox/private-places.ts";
import { isWithin } from "../../host/sandbox/bubblewrap.ts";

export interface CommandRequest {
  readonly facts: CommandFacts;
  /** As the model named it; absent: the workspace. */
  readonly cwd?: string;
  /** s */
  readonly timeout: number;
  readonly network: boolean;
  /** Paths beyond the workspace that it wants to write, as it named them. */
  readonly write: readonly string[];
  /** It runs with the workspace read-only, whatever it is. */
  readonly onlyLooks?: boolean;
}

export interface CommandPlace {
  readonly cwd: string;
  /** Real paths. */
  readonly write: readonly string[];
}

export interface Surroundings {
  readonly root: string;
  readonly home: string;
  /** Places of ours, which no grant may contain. */
  readonly own: readonly string[];
  /** In which no grant may lie. */
  readonly never: () => readonly string[];
}

/** One line for a person: the words, as a shell would take them. */
export function commandText(facts: CommandFacts): string {
  return "line" in facts ? facts.line : facts.argv.map(quoted).join(" ");
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** The words that are started. */
export function commandArgv(facts: CommandFacts): readonly string[] {
  return "line" in facts ? ["/bin/sh", "-c", facts.line] : facts.argv;
}

/** PATH_OUTSIDE where the folder is not in the workspace, or a path is wider than anybody should grant. */
export function placeOf(request: Pick<CommandRequest, "cwd" | "write">, surroundings: Surroundings): Result<CommandPlace> {
  const { root } = surroundings;
  const [cwd] = realPlace(path.resolve(root, request.cwd ?? "."));
  if (cwd === undefined) return fail("PATH_OUTSIDE", `There is no folder ${request.cwd}.`, "Name a folder of the workspace.");
  if (!isWithin(cwd, root)) return fail("PATH_OUTSIDE", `${request.cwd} is outside the workspace.`, "Commands run inside it.");
  const write: string[] = [];
  for (const named of request.write) {
    const place = grantedPlace(named, surroundings);
    if (!place.ok) return place;
    write.push(place.value);
  }
  return succeed({ cwd, write });
}

/** The real path that is granted by a name; `~` is the home folder. */
export function grantedPlace(named: string, { root, home, own, never }: Surroundings): Result<string> {
  const absolute = path.resolve(root, named === "~" || named.startsWith("~/") ? path.join(home, named.slice(1)) : named);
  const [real] = realPlace(absolute);
  if (real === undefined) return fail("PATH_OUTSIDE", `There is no ${named}.`, "Name an existing path.");
  const isWide = [home, root, ...own].some((place) => isWithin(place, real));
  if (isWide && real !== root) return fail("PATH_OUTSIDE", `${named} is too much to be written.`, "Name a narrower path.");
  if (never().some((place) => isWithin(real, place)))
    return fail("PATH_OUTSIDE", `${named} is never written by a command.`, "Leave it out.");
  return succeed(real);
}
