/** Where a person's configuration is, to be named on the screen. It is read by the engine. */
import path from "node:path";

/** Below the home folder it begins with `~`, as a shell takes it. */
export function shownConfigFile(env: Readonly<Record<string, string | undefined>>): string {
  const home = env["HOME"] ?? "/";
  const named = env["XDG_CONFIG_HOME"];
  const folder = named !== undefined && path.isAbsolute(named) ? named : path.join(home, ".config");
  const file = path.join(folder, "twolane", "config.json");
  return home !== "/" && file.startsWith(`${home}/`) ? `~${file.slice(home.length)}` : file;
}
