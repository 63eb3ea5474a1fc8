import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSecretScanner, findSecrets } from "./scanner.ts";
import { wordLimit } from "./scan-words.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);

/** Fakes are put together here, so that no scanner of a forge takes this file for a leak. */
const fake = (...parts: string[]): string => parts.join("");
const awsId = fake("AKI", "AQ3EHLN5CSXZWPRTY");
const github = fake("gh", "p_", "b7Xk2QmW9sLr4TzVn8Yc3JdHf6GaPe1Ru5Ko");
const keyBody = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ", "C7VJTUt9Us8cKjMzEfYyjiWA4R4ypbHqGC0H0+tG3hGbN5r", "Tw=="];
const pem = (type: string): string => [`-----BEGIN ${type}-----`, ...keyBody, `-----END ${type}-----`].join("\n");

const kinds = (text: string): string[] => findSecrets(text).map(({ kind }) => kind);
const values = (text: string): string[] => findSecrets(text).map(({ start, end }) => text.slice(start, end));

describe("what is found", () => {
  it.each<[string, string, string]>([
    ["in code", `const id = "${awsId}";`, awsId],
    ["behind a line end of a string", `"a\\n${awsId}\\n"`, awsId],
    ["in a query", `?key=%3D${github}&x=1`, github],
    ["in an environment file", "DB_PASSWORD=hk3!vR9pq", "hk3!vR9pq"],
    ["in JSON", '{"db":{"password":"S3c!ure-pa"}}', "S3c!ure-pa"],
    ["in JSON in a string", '"{\\"apiKey\\":\\"9fk2Lm4Qx8Zt\\"}"', "9fk2Lm4Qx8Zt"],
    ["in YAML", "  client_secret: 8fj3Kd9sLq2m", "8fj3Kd9sLq2m"],
    ["of a container's environment", "- name: DB_PASSWORD\n  value: hx8kk2!9", "hx8kk2!9"],
    ["behind an equals sign with blanks", "app.secret = q8Zr3nLw5Tk1", "q8Zr3nLw5Tk1"],
    ["in a header", "Authorization: Bearer 9aKd03kLqZx81mWv", "9aKd03kLqZx81mWv"],
    ["in an address", "postgres://app:s3Kr9x2q@db.internal/app", "s3Kr9x2q"],
    ["in .npmrc", "//npm.example.com/:_authToken=0f8a2c44-1b2c-4d5e-8f90-aabbccddee0f", "0f8a2c44-1b2c-4d5e-8f90-aabbccddee0f"],
  ])("%s", (_where, text, secret) => {
    expect(values(text)).toEqual([secret]);
  });

  it.each([
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "PGP PRIVATE KEY BLOCK",
  ])("each line of a %s, as one secret", (type) => {
    const text = `before\n${pem(type)}\nafter MIIEvQIBADANBgkqhkiG9w0BAQEFAASC`;
    expect(values(text)).toEqual(keyBody);
    expect(findSecrets(text).map(({ continued }) => continued)).toEqual([false, true, true]);
  });

  it("a key with headers, and one in a string of JSON", () => {
    const headed = pem("RSA PRIVATE KEY").replace("\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0123ABCD\n\n");
    expect(values(headed)).toEqual(keyBody);
    const escaped = JSON.stringify({ private_key: pem("PRIVATE KEY"), token_uri: "https://oauth2.example" });
    expect(values(escaped)).toEqual([keyBody.join("\\n")]);
  });
});

describe("what is none", () => {
  it.each([
    'password = "changeme"',
    "password: ${DB_PASSWORD}",
    "token = process.env.TOKEN_FOR_9x8",
    'apiKey: "your-api-key-here"',
    fake("AKI", "AIOSFODNN7EXAMPLE"),
    fake("gh", "p_", "x".repeat(36)),
    '"integrity": "sha512-pU9mdyg0Yz8Kw7s0r3Ly+qHH0mJ8a2T4y5WcnBn1rZQvFQ0vTQ2Yk5Fz8sMZ1c3Ab9Lk7Hn6Vd2Rt4Xe0Uj3Yw=="',
    'const secretName = "my-app-secret-2";',
    "if (token === undefined) return;",
    "password: string;",
    'tokenType: "Bearer"',
    'const commit = "9d3f1c2b7a8e4f60b1c2d3e4f5a6b7c8d9e0f1a2";',
    'id: "3f2504e0-4f89-41d3-9a0c-0305e82c3301"',
    "https://user:password@localhost/",
    "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
    "-----BEGIN CERTIFICATE-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ\n-----END CERTIFICATE-----",
    'const isKey = text.startsWith("-----BEGIN PRIVATE KEY-----");\nconst more = abcdefghijklmnopqrstuvwxyz0',
    "@keyframes sk-circle-fade-dot-animation-and-more-words-2 {}",
    'src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4"',
    'password = "TWOLANE_SECRET_password_3f9a2c10"',
    "secret_key_base: <%= ENV['SECRET_KEY_BASE'] %>",
  ])("%s", (text) => {
    expect(kinds(text)).toEqual([]);
  });
});

describe("a stream", () => {
  const pieces = [
    awsId,
    github,
    'password = "hk3!vR9pq"',
    "key=",
    "token :",
    pem("RSA PRIVATE KEY"),
    JSON.stringify(pem("PRIVATE KEY")),
    "\n",
    " ",
    '"',
    "=",
    "\\n",
    "-----BEGIN ",
    "postgres://a:b9x8c7v6@h/",
    "word",
    "é",
    "a1B2".repeat(30),
    `"${"q7R".repeat(wordLimit / 4)}",`,
    "x".repeat(wordLimit + 5),
    "name: DB_PASSWORD\nvalue: hx8kk2!9",
  ];
  const text = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((list) => list.join(""));

  it("gives the same however it is cut", () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 30 }), (whole, cuts) => {
        expect(cutAt(whole, cuts)).toEqual(findSecrets(whole));
      }),
      { numRuns: 400 * scale },
    );
  });

  it("gives the same character by character", () => {
    const whole = pieces.filter((piece) => piece.length < 2000).join("\n");
    expect(
      cutAt(
        whole,
        Array.from(whole, (_, at) => at),
      ),
    ).toEqual(findSecrets(whole));
    expect(findSecrets(whole).length).toBeGreaterThan(8);
  });

  it("finds what stands anywhere in a line without blanks, and holds back no more than a word", () => {
    const line = `{"a":${JSON.stringify("filler,".repeat(5000))},"k":"${github}","b":${JSON.stringify("filler,".repeat(5000))}}`;
    expect(values(line)).toEqual([github]);
    const scanner = createSecretScanner();
    let pushed = 0;
    for (let at = 0; at < line.length; at += 100) {
      const piece = line.slice(at, at + 100);
      pushed += piece.length;
      scanner.push(piece);
      expect(pushed - scanner.settled).toBeLessThanOrEqual(wordLimit + 100);
    }
  });
});

function cutAt(whole: string, cuts: readonly number[]) {
  const places = [...new Set(cuts.map((cut) => (whole === "" ? 0 : cut % (whole.length + 1))))].toSorted((a, b) => a - b);
  const scanner = createSecretScanner();
  const found = [];
  let from = 0;
  for (const to of [...places, whole.length]) {
    found.push(...scanner.push(whole.slice(from, to)));
    from = to;
  }
  return [...found, ...scanner.end()];
}
