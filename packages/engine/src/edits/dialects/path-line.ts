/** Finds the file name that stands before a block in a model's answer, whatever it is decorated with. */
import { maxPathBytes } from "./limits.ts";
import { isFence } from "./wrapper.ts";

const label = /^(?:file|path|filename|file name)\s*:\s*/i;
const known =
  /^(?:Makefile|Dockerfile|LICENSE|README|CHANGELOG|Gemfile|Rakefile|Procfile|Jenkinsfile|Justfile|Vagrantfile|CODEOWNERS)$/;
/** The name and nothing else: a sentence with a dot in it is none. */
const bareName = /^[^\s"'`<>|*?;,]+$/;

/** The path that this line names, or undefined when it is some other line. */
export function pathInLine(line: string): string | undefined {
  if (line.length > maxPathBytes) return undefined;
  const text = line.trim().replace(/^#+\s+/, "");
  const unlabelled = text.replace(label, "");
  const inner = undecorated(unlabelled);
  const marked = inner !== unlabelled.replace(/:$/, "") || unlabelled !== text;
  if (inner === "") return undefined;
  if (marked) return /[`*]/.test(inner) || /\s{2}/.test(inner) ? undefined : inner;
  return looksLikePath(inner) ? inner : undefined;
}

/** Without `**`, backticks and a colon at its end. */
function undecorated(text: string): string {
  let inner = text.trim();
  for (let before = ""; before !== inner;) {
    before = inner;
    inner = inner
      .replace(/:$/, "")
      .replace(/^\*\*(.+)\*\*$/, "$1")
      .replace(/^`([^`]+)`$/, "$1")
      .trim();
  }
  return inner;
}

function looksLikePath(text: string): boolean {
  if (!bareName.test(text) || /^[-=.]+$/.test(text)) return false;
  return known.test(text) || (text.includes("/") && !text.includes("//")) || /^(?:[^.]+)?(?:\.[\w-]+)+$/.test(text);
}

/** How many lines before a block are kept, to find the name among them. */
const maxLead = 4;

/** The last lines before a block. */
export class Lead {
  private lines: string[] = [];
  /** The fence that the block stands in. */
  fence: string | undefined;

  /** Keeps a line and returns the ones that are prose by now. */
  push(line: string): readonly string[] {
    this.lines.push(line);
    return this.lines.length > maxLead ? this.lines.splice(0, 1) : [];
  }

  /**
   * The block begins. Its name is the nearest line that is neither blank nor a fence, else it is in the fence's own line.
   * What is neither name nor fence comes back as prose.
   */
  take(): { readonly path: string | undefined; readonly prose: readonly string[] } {
    const lines = this.lines;
    this.lines = [];
    let at = lines.length - 1;
    let inFence: string | undefined;
    for (; at >= 0; at -= 1) {
      const line = lines[at] ?? "";
      if (isFence(line)) {
        this.fence ??= line;
        inFence ??= line
          .split(/\s+/)
          .slice(1)
          .map(pathInLine)
          .find((path) => path !== undefined);
      } else if (line.trim() !== "") break;
    }
    const path = at < 0 ? undefined : pathInLine(lines[at] ?? "");
    return { path: path ?? inFence, prose: lines.slice(0, path === undefined ? at + 1 : at) };
  }

  flush(): readonly string[] {
    return this.lines.splice(0);
  }
}
