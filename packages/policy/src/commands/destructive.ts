/**
 * Commands that are held whatever else is allowed, because what they take away does not come back or because they leave the
 * sandbox's rules: the reason, or undefined. A word that is not certain counts as what it could be.
 */
import { gitDanger } from "./destructive-git.ts";
import { mayBeOption, pathText } from "./operands.ts";
import type { Word } from "./script.ts";

const asSomebodyElse = new Set("sudo doas su pkexec run0 runuser chroot nsenter unshare bwrap setpriv capsh".split(" "));
// Trust is given by people: nothing that the loop starts may say it for them.
const ofOurs = new Set(["twolane", "twolane.cjs"]);
const ofTheMachine =
  /^(?:mkfs(?:\..*)?|mkswap|wipefs|fdisk|sfdisk|parted|shutdown|reboot|poweroff|halt|insmod|modprobe|crontab|at|batch|systemctl|launchctl)$/;
const shreds = new Set(["shred", "srm"]);
const treeWide = new Set(["chmod", "chown", "chgrp"]);

/** The name of a command without its folder and in small letters: some disks do not tell them apart. */
export function plainName(words: readonly Word[]): string {
  return (words[0]?.value.split("/").at(-1) ?? "").toLowerCase();
}

export function danger(words: readonly Word[]): string | undefined {
  const name = plainName(words);
  const rest = words.slice(1);
  if (name === "git") return gitDanger(rest);
  if (ofOurs.has(name)) return `\`${name}\` decides what the loop may do`;
  if (asSomebodyElse.has(name)) return `\`${name}\` runs something outside the sandbox's rules`;
  if (ofTheMachine.test(name)) return `\`${name}\` changes the machine`;
  if (shreds.has(name)) return `\`${name}\` makes files unrecoverable`;
  if (name === "dd" && rest.some((word) => /^of=/i.test(word.value) || isUncertain(word)))
    return "`dd of=` overwrites what it names";
  if (treeWide.has(name) && hasOption(rest, "R", "--recursive")) return `\`${name} -R\` changes the rights of a whole tree`;
  if (name === "rm" && hasOption(rest, "rR", "--recursive") && rest.some(isTooMuch))
    return "`rm -r` of a whole tree, or of what is not certain";
  if (name === "find" && rest.some(({ value }) => value === "-delete" || value.startsWith("-fprint") || value === "-fls"))
    return "`find` deletes or writes what it finds";
  return undefined;
}

/** Whether an option is there, in a cluster, in full, shortened, or as what a word could become. */
function hasOption(words: readonly Word[], letters: string, ...longs: readonly string[]): boolean {
  return words.some((word) => {
    if (isUncertain(word)) return true;
    const { value } = word;
    if (value.startsWith("--")) {
      const [given = ""] = value.split("=");
      return given.length > 2 && longs.some((long) => long.startsWith(given));
    }
    return (
      value.startsWith("-") &&
      value
        .slice(1)
        .split("")
        .some((letter) => letters.includes(letter))
    );
  });
}

/** Nothing is known of how it begins: it could be an option. */
function isUncertain(word: Word): boolean {
  return !word.known && word.value === "" && mayBeOption(word);
}

/** The workspace itself, what lies outside, the repository, or a pattern that takes all. */
function isTooMuch(word: Word): boolean {
  const text = pathText(word);
  if (text === undefined) return true;
  if (text.startsWith("-")) return false;
  if (text.startsWith("/tmp/") && !text.split("/").includes("..") && !/[*?[]/.test(text)) return false;
  const parts = text.split("/").filter((part) => part !== "" && part !== ".");
  if (text.startsWith("/") || text.startsWith("~") || parts.includes("..") || parts.length === 0) return true;
  return /^[*?[.]*[*?[]/.test(parts[0]!) || /^\.(?:git|twolane)$/i.test(parts[0]!.normalize("NFKC"));
}
