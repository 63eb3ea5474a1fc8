/** A confinement as a profile of macOS's sandbox-exec. Untested: written from its documentation, nobody has run it on macOS yet. */
import type { Confinement } from "./confinement.ts";

export function seatbeltProfile({ root, writable, write, frozen, hidden, network }: Confinement): string {
  const places = (list: readonly string[]): string => list.map((place) => `(subpath ${JSON.stringify(place)})`).join(" ");
  const rule = (verb: string, what: string, list: readonly string[]): string[] =>
    list.length === 0 ? [] : [`(${verb} ${what} ${places(list)})`];
  // What comes later decides.
  return [
    "(version 1)",
    "(allow default)",
    "(deny file-write*)",
    ...rule("allow", "file-write*", [...(writable ? [root] : []), ...write, "/private/tmp", "/private/var/folders", "/dev"]),
    ...rule("deny", "file-write*", frozen),
    ...rule("deny", "file-read* file-write*", hidden),
    ...(network ? [] : ["(deny network*)"]),
    // Services that hand out secrets or start programs outside.
    '(deny mach-lookup (global-name "com.apple.SecurityServer") (global-name "com.apple.securityd"))',
    '(deny mach-lookup (global-name "com.apple.coreservices.launchservicesd"))',
  ].join("\n");
}
