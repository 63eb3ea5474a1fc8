/**
 * A confinement as arguments of bubblewrap. Mounts are made in order, so what comes later decides: the whole disk read-only, empty places
 * for what is temporary or leads to running services, the workspace, then what stays read-only in it, and last what nobody may see.
 */
import fs from "node:fs";
import path from "node:path";
import type { Confinement, Wrapped } from "./confinement.ts";

/** Own namespaces for everything; no rights beyond the user's, and no way to new ones. */
const walls = [
  ...["--die-with-parent", "--new-session", "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts"],
  ...["--unshare-cgroup-try", "--disable-userns", "--cap-drop", "ALL", "--hostname", "sandbox"],
];

/** Temporary files of others, and the sockets of running services. */
const emptied = ["/tmp", "/var/tmp", "/run"];

export interface BubblewrapOptions {
  /** Path of the program. */
  readonly command: string;
  /** All on the command line, instead of through file descriptor 3. */
  readonly inline?: boolean;
}

export function bubblewrapArguments(
  argv: readonly string[],
  confinement: Confinement,
  { command, inline = false }: BubblewrapOptions,
): Wrapped {
  const mounts = mountsOf(confinement);
  const options = [...walls, ...(confinement.network ? [] : ["--unshare-net"]), ...mounts.args, "--chdir", confinement.cwd];
  if (inline) return { command, args: [...options, "--", ...argv], made: mounts.made };
  const extra = options.map((option) => `${option}\0`).join("");
  return { command, args: ["--args", "3", "--", ...argv], extra, made: mounts.made };
}

function mountsOf(confinement: Confinement): { readonly args: readonly string[]; readonly made: readonly string[] } {
  const { root, write, frozen, writable, network, bound = [] } = confinement;
  const hidden = outermost(confinement.hidden);
  // A workspace in a folder that is emptied or hidden is put back into it.
  const around = (place: string): boolean => isWithin(root, place);
  const before = hidden.filter(around);
  const made = writable ? frozen.filter((place) => !exists(place)) : [];
  const pinned = writable ? folderPins(root, [...frozen, ...hidden]) : [];
  const args = [
    ...["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"],
    ...emptied.filter(exists).flatMap((place) => ["--tmpfs", place]),
    ...(network ? nameServers() : []),
    ...before.flatMap((place) => ["--tmpfs", place]),
    ...write.flatMap((place) => ["--bind", place, place]),
    ...(writable ? ["--bind", root, root] : ["--ro-bind", root, root]),
    ...pinned.flatMap((place) => ["--bind", place, place]),
    ...byDepth(frozen.filter((place) => exists(place))).flatMap((place) => ["--ro-bind", place, place]),
    ...made.flatMap(hide),
    ...bound.filter(({ from }) => exists(from)).flatMap(({ from, at }) => ["--ro-bind", from, at]),
    ...hidden.filter((place) => !around(place)).flatMap(hide),
    ...before.flatMap((place) => ["--remount-ro", place]),
  ];
  return { args, made };
}

/** A file cannot be opened; a folder is empty, and stays it. */
function hide(place: string): string[] {
  const isFolder = fs.lstatSync(place, { throwIfNoEntry: false })?.isDirectory() ?? true;
  return isFolder ? ["--tmpfs", place, "--remount-ro", place] : ["--ro-bind", "/dev/null", place];
}

/**
 * Folders on the way to what is protected. Each is a mount of its own, because a mount cannot be renamed: else the folder could be moved
 * away together with what is in it, and the next command would find that under a name that nothing protects.
 */
function folderPins(root: string, places: readonly string[]): readonly string[] {
  const pins = new Set<string>();
  for (const place of places) {
    if (!isWithin(place, root)) continue;
    for (let at = path.dirname(place); at !== root && isWithin(at, root); at = path.dirname(at)) pins.add(at);
  }
  return byDepth([...pins]);
}

/** Where the system keeps the addresses of name servers in a place that is emptied. */
function nameServers(): string[] {
  try {
    const real = fs.realpathSync("/etc/resolv.conf");
    return emptied.some((place) => isWithin(real, place)) ? ["--ro-bind", real, real] : [];
  } catch {
    return [];
  }
}

const exists = (place: string): boolean => fs.lstatSync(place, { throwIfNoEntry: false }) !== undefined;

export const isWithin = (place: string, folder: string): boolean =>
  place === folder || place.startsWith(folder.endsWith("/") ? folder : `${folder}/`);

const byDepth = (places: readonly string[]): string[] => places.toSorted((a, b) => a.split("/").length - b.split("/").length);

/** Without what lies in another one of them. */
function outermost(places: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (const place of byDepth([...new Set(places)])) if (!kept.some((folder) => isWithin(place, folder))) kept.push(place);
  return kept;
}
