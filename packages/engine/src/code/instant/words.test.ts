import { expect, test } from "vitest";
import { instantRequests } from "./instant-help.ts";
import { understand } from "./words.ts";

const understood: readonly (readonly [string, object])[] = [
  ["rename a to b", { operation: "rename-symbol", name: "a", newName: "b" }],
  [
    'Please rename `createErrorClass` to "makeErrorClass" in src/internal/util/createErrorClass.ts.',
    { name: "createErrorClass", newName: "makeErrorClass", place: { path: "src/internal/util/createErrorClass.ts" } },
  ],
  ["RENAME A INTO B please!", { name: "A", newName: "B" }],
  ["rename foo -> bar in src/a.ts:12", { name: "foo", newName: "bar", place: { path: "src/a.ts", line: 12 } }],
  ["rename foo to bar in src/a.ts:12:4", { place: { path: "src/a.ts", line: 12 } }],
  ["rename foo in src/a.ts to bar", { name: "foo", newName: "bar", place: { path: "src/a.ts" } }],
  [
    "can you rename the function foo() to bar() in the file src/a.ts",
    { kind: "function", name: "foo", newName: "bar", place: { path: "src/a.ts" } },
  ],
  ["rename class Foo to Bar", { kind: "class", name: "Foo", newName: "Bar" }],
  ["rename the type alias Foo to Bar", { kind: "type", name: "Foo" }],
  ["rename the foo method to bar", { kind: "method", name: "foo", newName: "bar" }],
  ["rename Server.close to Server.stop", { name: "close", newName: "stop", container: "Server" }],
  ["rename method close of Server to stop", { kind: "method", name: "close", newName: "stop", place: { path: "Server" } }],
  ["rename property x to y in interface.ts", { kind: "property", name: "x", newName: "y", place: { path: "interface.ts" } }],
  ["rename foo to bar everywhere", { name: "foo", newName: "bar", everywhere: true }],
  ["rename $store to _store", { name: "$store", newName: "_store" }],
  ["rename #secret to #hidden", { name: "#secret", newName: "#hidden" }],
  ["change the name of foo to bar", { name: "foo", newName: "bar" }],
  ["rename src/a.ts to src/b.ts", { operation: "rename-file", from: "src/a.ts", to: "src/b.ts", inPlace: true }],
  ["rename the file src/a.ts to b", { operation: "rename-file", from: "src/a.ts", to: "b", inPlace: true }],
  ["move src/a.ts to lib/", { operation: "rename-file", from: "src/a.ts", to: "lib/", inPlace: false }],
  ["move the folder src/old into src/new", { operation: "rename-file", from: "src/old", to: "src/new", inPlace: false }],
  ["organise imports in src/a.ts", { operation: "organize-imports", path: "src/a.ts" }],
  ["organize the imports of src", { operation: "organize-imports", path: "src" }],
  ["organize imports", { operation: "organize-imports" }],
  ["clean up imports everywhere", { operation: "organize-imports" }],
  ["sort imports in 'my folder/a.ts'", { operation: "sort-imports", path: "my folder/a.ts" }],
  ["remove all unused imports from src/a.ts", { operation: "remove-unused-imports", path: "src/a.ts" }],
  ["Remove unused imports", { operation: "remove-unused-imports" }],
  ["add missing imports to src/a.ts", { operation: "add-missing-imports", path: "src/a.ts" }],
  ["add the missing imports in src/a.ts, please.", { operation: "add-missing-imports", path: "src/a.ts" }],
];

test.each(understood)("%s", (prompt, request) => {
  expect(understand(prompt)).toMatchObject({ request });
});

const refused: readonly (readonly [string, string])[] = [
  ["Refactor only src/auth/session.ts to remove duplicate token parsing.", "rename NAME to NAME in FILE"],
  ["drop the unused variables", "remove unused imports in FILE"],
  ["clean this up", "organize imports in FILE"],
  ["split the folder into two", "move FILE to FOLDER/FILE"],
  ["", "rename NAME to NAME in FILE"],
  ["rename a to b and then delete c", "rename NAME to NAME in FILE"],
];

test.each(refused)("refuses %j with the nearest it can do", (prompt, example) => {
  const answer = understand(prompt);
  expect(answer).toMatchObject({ failure: { code: "INSTANT_UNKNOWN" } });
  expect("failure" in answer && answer.failure.message).toContain(`"${example}"`);
  expect("failure" in answer && answer.failure.message).not.toContain("\n");
});

test.each(instantRequests)("help promises $request", ({ request }) => {
  expect(understand(request)).toHaveProperty("request");
});
