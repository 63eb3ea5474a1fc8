/**
 * CODEOWNERS of GitHub and GitLab: text → who owns a path. The last line that matches decides; of a file with sections (GitLab) the last
 * one of each section does. What needs an owner's yes is the review rules' business.
 */
import picomatch from "picomatch";

/** Logins and teams with their `@`, or e-mail addresses; none: nobody owns it. */
export type Codeowners = (path: string) => readonly string[];

/** Where the forges look, the first one that is there counts. */
export const codeownersPaths = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"] as const;

interface OwnerLine {
  readonly section: string;
  readonly matches: (path: string) => boolean;
  readonly owners: readonly string[];
}

export function readCodeowners(text: string): Codeowners {
  const lines: OwnerLine[] = [];
  let section: Section = { name: "", owners: [] };
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const opened = openSection(line);
    if (opened !== undefined) {
      section = opened;
      continue;
    }
    const [pattern = "", ...rest] = words(line);
    const owners = rest.length > 0 ? rest : section.owners;
    // `!` takes a path out of its section.
    const isOut = pattern.startsWith("!");
    lines.push({ section: section.name, matches: matcher(isOut ? pattern.slice(1) : pattern), owners: isOut ? [] : owners });
  }
  const sections = [...new Set(lines.map((line) => line.section))];
  return (path) => {
    const found = sections.flatMap((name) => lines.findLast((line) => line.section === name && line.matches(path))?.owners ?? []);
    return [...new Set(found)];
  };
}

interface Section {
  readonly name: string;
  /** Of lines that name none. */
  readonly owners: readonly string[];
}

/** `[Docs][2] @writers`, `^[Optional]`: an approval of an optional section is not waited for. */
function openSection(line: string): Section | undefined {
  const [, optional, name, rest = ""] = /^(\^?)\[([^\]]+)\](?:\[\d+\])?\s*(.*)$/.exec(line) ?? [];
  if (name === undefined) return undefined;
  return { name: name.toLowerCase(), owners: optional === "^" ? [] : words(rest) };
}

/** A blank behind a backslash belongs to the path; `#` begins a comment. */
function words(line: string): string[] {
  const found = line.match(/(?:\\.|[^\s\\])+/g) ?? [];
  const comment = found.findIndex((word, index) => index > 0 && word.startsWith("#"));
  return (comment < 0 ? found : found.slice(0, comment)).map((word) => word.replace(/\\([\s#])/g, "$1"));
}

/** As in `.gitignore`: with a slash inside it stands at the root, else anywhere; a folder means all below it. */
function matcher(pattern: string): (path: string) => boolean {
  const rooted = pattern.replace(/\/$/, "").includes("/");
  const body = pattern.replace(/^\/+/, "");
  const place = rooted ? body : `**/${body}`;
  if (body === "*" || body === "**") return () => true;
  // `docs/*` means the files of that folder and not what lies below.
  const forms = body.endsWith("/") ? [`${place}**`] : body.endsWith("/*") ? [place] : [place, `${place}/**`];
  const matches = picomatch(forms, { dot: true, noextglob: true, nonegate: true, nobrace: true });
  return (path) => matches(path);
}
