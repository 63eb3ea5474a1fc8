/** Every spelling under which some file system would find `.git`. */

/** Characters that some file systems drop from names: HFS+ does, and with it a name that only looks different. */
const ignorable = /\p{Default_Ignorable_Code_Point}/gu;

/** True for `.git` in any case, with dots or blanks behind it, as an alternate stream, as an 8.3 name, or disguised. */
export function isGitName(segment: string): boolean {
  const plain = segment
    .normalize("NFKC")
    .replace(ignorable, "")
    .replace(/:.*$/s, "")
    .replace(/[. ]+$/, "")
    .toLowerCase();
  return plain === ".git" || /^git~\d+$/.test(plain);
}
