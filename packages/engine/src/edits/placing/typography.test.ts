import { expect, test } from "vitest";
import { fromByteString, toByteString } from "./file-text.ts";
import { foldTypography } from "./typography.ts";

const fold = (text: string): string => fromByteString(foldTypography(toByteString(text)));

test.each([
  ["-", "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"],
  ["'", "\u2018\u2019\u201a\u201b"],
  ['"', "\u201c\u201d\u201e\u201f"],
  [" ", "\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"],
])("signs that become %j", (ascii, signs) => {
  expect(fold(`a${signs}b`)).toBe(`a${ascii.repeat(signs.length)}b`);
});

test("nothing else changes: no letters, no neighbours of the signs, no broken bytes", () => {
  const kept = "\u00e0\u00c2\u00a1\u200b\u200f\u2016\u2017\u2020\u2022\u2026\u202e\u2030\u2060\u2211\u3001\u{1f600}'\"- \t";
  expect(fold(kept)).toBe(kept);
  expect(foldTypography("\xe2\x80 \xc2 \xff")).toBe("\xe2\x80 \xc2 \xff");
});
