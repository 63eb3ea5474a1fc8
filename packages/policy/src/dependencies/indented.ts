/**
 * Reads what tools write as indented maps: pnpm's and yarn's files, of either age. Not a reader of YAML: lists, anchors and texts
 * over several lines are passed over, a map in braces stays one text. Fast, because lock files are long.
 */
export interface Branch {
  readonly key: string;
  /** What stands behind the key on its line. */
  readonly value: string;
  readonly branches: readonly Branch[];
  /** The items of a list below it. */
  readonly items: readonly string[];
}

interface Growing extends Branch {
  readonly indent: number;
  readonly branches: Growing[];
  readonly items: string[];
}

export function readIndented(text: string): readonly Branch[] {
  const root: Growing = { key: "", value: "", indent: -1, branches: [], items: [] };
  const open: Growing[] = [root];
  for (const line of text.split("\n")) {
    const body = line.trim();
    if (body === "" || body.startsWith("#") || body === "---") continue;
    const indent = line.length - line.trimStart().length;
    const isItem = body.startsWith("- ");
    // A list may stand as far left as its key.
    while (open.length > 1 && (open.at(-1)?.indent ?? -1) >= indent + (isItem ? 1 : 0)) open.pop();
    const parent = open.at(-1) ?? root;
    if (isItem) {
      parent.items.push(unquoted(body.slice(2).trim()));
      continue;
    }
    const [key, value] = split(body);
    const branch: Growing = { key, value, indent, branches: [], items: [] };
    parent.branches.push(branch);
    open.push(branch);
  }
  return root.branches;
}

/** `key: value`, `"key": value`, and yarn 1's `key "value"` and `a@1, "b@2":`. */
function split(body: string): [string, string] {
  if (body.endsWith(":")) return [unquoted(body.slice(0, -1)), ""];
  const [, quoted = "", plain = "", value = ""] =
    /^(?:"((?:[^"\\]|\\.)*)"|'[^']*'|([^\s:]+(?::[^\s:]+)*))(?::\s+|\s+)(.*)$/.exec(body) ?? [];
  if (quoted !== "" || plain !== "") return [quoted || plain, unquoted(value.trim())];
  const [, single = "", rest = ""] = /^'([^']*)':?\s+(.*)$/.exec(body) ?? [];
  return single === "" ? [body, ""] : [single, unquoted(rest.trim())];
}

export function unquoted(text: string): string {
  const [first] = text;
  if ((first === '"' || first === "'") && text.endsWith(first) && text.length > 1 && !text.slice(1, -1).includes(first))
    return text.slice(1, -1);
  return text.replace(/\s+#.*$/, "");
}

export const branchOf = (branches: readonly Branch[], key: string): Branch | undefined =>
  branches.find((branch) => branch.key === key);

export const valueOf = (branches: readonly Branch[], key: string): string => branchOf(branches, key)?.value ?? "";
