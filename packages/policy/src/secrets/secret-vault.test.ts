import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type SecretVault, createSecretVault } from "./secret-vault.ts";

const fake = (...parts: string[]): string => parts.join("");
const github = fake("gh", "p_", "b7Xk2QmW9sLr4TzVn8Yc3JdHf6GaPe1Ru5Ko");
const standIn = /TWOLANE_SECRET_github_[0-9a-f]{8}/;

interface Told {
  readonly kind: string;
  readonly place: string;
}

function open(salt = "salt"): { vault: SecretVault; told: Told[] } {
  const told: Told[] = [];
  const digest = (value: string): string => createHmac("sha256", salt).update(value).digest("hex");
  return { vault: createSecretVault({ digest, onFirst: (secret) => told.push(secret) }), told };
}

describe("stand-ins", () => {
  it("hide a secret and give it back", () => {
    const { vault } = open();
    const text = `const token = "${github}"; // keep\n`;
    const hidden = vault.hide(text, "src/a.ts");
    expect(hidden).toMatch(standIn);
    expect(hidden).not.toContain(github);
    expect(vault.restore(hidden)).toBe(text);
    expect(vault.restore(`other("${standIn.exec(hidden)?.[0]}")`)).toBe(`other("${github}")`);
  });

  it("are the same every time, and others in another workspace", () => {
    const one = open().vault.hide(github, "a");
    expect(open().vault.hide(`x ${github}`, "b")).toBe(`x ${one}`);
    expect(open("other").vault.hide(github, "a")).not.toBe(one);
  });

  it("are told once, by kind and place", () => {
    const { vault, told } = open();
    vault.hide(github, "src/a.ts");
    vault.hide(`${github} ${github}`, "src/b.ts");
    expect(told).toEqual([{ kind: "github", place: "src/a.ts" }]);
  });

  it("stand for a value that was known once wherever it stands", () => {
    const { vault } = open();
    const hidden = vault.hide('password = "hk3!vR9pq"', "a");
    expect(vault.hide("connect(hk3!vR9pq)", "b")).toBe(`connect(${/TWOLANE\w+/.exec(hidden)?.[0]})`);
    vault.know("environment", "plain words only");
    expect(vault.hide("it is plain words only here", "c")).not.toContain("plain words only");
  });

  it("keep the lines of a private key apart", () => {
    const body = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ", "C7VJTUt9Us8cKjMzEfYyjiWA4R4ypbHqGC0H0+tG3hGbN5r"];
    const text = `-----BEGIN PRIVATE KEY-----\n${body.join("\n")}\n-----END PRIVATE KEY-----\n`;
    const { vault, told } = open();
    const hidden = vault.hide(text, "key.pem");
    expect(hidden.split("\n")).toHaveLength(text.split("\n").length);
    expect(hidden).toContain("-----BEGIN PRIVATE KEY-----");
    for (const line of body) expect(hidden).not.toContain(line);
    expect(vault.restore(hidden)).toBe(text);
    expect(told).toHaveLength(1);
  });

  it("come out of a stream the same however it is cut, and what is no secret is held back no longer than must be", () => {
    const text = `some words and token=${github} then "password": "hk3!vR9pq" and the end`;
    const whole = open().vault.hide(text, "answer");
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const stream = open().vault.hideStream("answer");
        let [out, from] = ["", 0];
        for (const to of [...cuts.toSorted((a, b) => a - b), text.length]) {
          out += stream.push(text.slice(from, to));
          from = to;
        }
        expect(out + stream.end()).toBe(whole);
      }),
    );
    const stream = open().vault.hideStream("answer");
    expect(stream.push("one two thr")).toBe("one two thr");
    expect(stream.push("ee gh")).toBe("ee ");
    expect(stream.push("ost ")).toBe("ghost ");
  });

  it("that nobody gave out stay as they are", () => {
    const { vault } = open();
    vault.hide(github, "a");
    expect(vault.restore("TWOLANE_SECRET_github_00000000")).toBe("TWOLANE_SECRET_github_00000000");
  });
});
