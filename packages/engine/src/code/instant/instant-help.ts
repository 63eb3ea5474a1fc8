/** What `twolane help instant` shows. The words themselves are understood by `words.ts`; its tests try every line here. */
export const instantRequests: readonly { readonly request: string; readonly does: string }[] = [
  { request: "rename oldName to newName", does: "a function, class, type, method, property or variable, and every use of it" },
  { request: "rename oldName to newName in src/file.ts", does: "the one that this file declares" },
  {
    request: "rename oldName to newName in src/file.ts:12",
    does: "the one on this line, where a name is declared more than once",
  },
  { request: "move src/a.ts to src/lib/a.ts", does: "the file, and every import of it" },
  { request: "organize imports in src/file.ts", does: "sorted and merged, unused ones gone; a folder or `everywhere` works too" },
  { request: "remove unused imports in src", does: "and nothing else" },
  { request: "extract src/file.ts:12-18 into function parseHeader", does: "the lines, with what they need as parameters" },
  { request: "extract `60 * 1000` in src/file.ts:12 into constant minute", does: "the expression, in front of its statement" },
  { request: "inline total in src/file.ts", does: "the variable's value in its place, where that means the same" },
  {
    request: "fix all missing await in src",
    does: "each as TypeScript's own fix; also override, members, unused names, spelling",
  },
  { request: "add missing imports in src/file.ts", does: "where only one module exports the name" },
];
