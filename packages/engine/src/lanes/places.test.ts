/** Places in answers of models, as they are written in the field. */
import { expect, test } from "vitest";
import { namedPlaces } from "./places.ts";

test.each([
  ["See src/a.ts:12 and `lib/b.test.js:7-9`.", ["src/a.ts:12", "lib/b.test.js:7-9"]],
  ["(app/[id]/page.tsx:3), Makefile.am:1; again src/a.ts:2 src/a.ts:2", ["app/[id]/page.tsx:3", "Makefile.am:1", "src/a.ts:2"]],
  ["http://localhost:8080, 127.0.0.1:80, at 12:30, https://x.org:443/a.js:1", []],
])("%s", (text, places) => {
  expect(namedPlaces(text).map((place) => place.text)).toEqual(places);
});
