import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { FrameError, FrameReader, FrameWriter } from "./frames.ts";

interface Sent {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly isLast: boolean;
}

/** A frame of a server, with the shortest header that its length allows. */
function frame({ opcode, payload, isLast }: Sent): Buffer {
  const { length } = payload;
  const first = (isLast ? 0x80 : 0) | opcode;
  if (length < 126) return Buffer.concat([Buffer.of(first, length), payload]);
  const long = Buffer.alloc(length < 65_536 ? 4 : 10);
  long[0] = first;
  long[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) long.writeUInt16BE(length, 2);
  else long.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([long, payload]);
}

const bytesOf = (content: string | Buffer): Buffer => (typeof content === "string" ? Buffer.from(content) : content);
const whole = (opcode: number, content: string | Buffer = ""): Buffer =>
  frame({ opcode, payload: bytesOf(content), isLast: true });
const part = (opcode: number, content: string | Buffer): Buffer => frame({ opcode, payload: bytesOf(content), isLast: false });
const text = (content: string | Buffer): Buffer => whole(1, content);
const closing = (code: number, reason = ""): Buffer =>
  whole(8, Buffer.concat([Buffer.of(Math.floor(code / 256), code % 256), Buffer.from(reason)]));

function read(chunks: readonly Buffer[], perMessage = 1_000_000): string[] {
  const heard: string[] = [];
  const reader = new FrameReader(perMessage, {
    onText: (said, bytes) => heard.push(`text ${bytes} ${said}`),
    onPing: (payload) => heard.push(`ping ${payload.toString()}`),
    onPong: () => heard.push("pong"),
    onClose: (code, reason) => heard.push(`close ${code} ${reason}`),
  });
  for (const chunk of chunks) reader.read(chunk);
  return heard;
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

describe("reading", () => {
  it("a message of each length of header", () => {
    for (const length of [0, 1, 125, 126, 65_535, 65_536, 200_000]) {
      const content = "x".repeat(length);
      expect(read([text(content)])).toEqual([`text ${length} ${content}`]);
    }
  });

  it("gives the same for a stream that is cut at every byte", () => {
    const stream = Buffer.concat([
      text("één"),
      whole(9, "are you there"),
      part(1, bytesOf("hä").subarray(0, 2)),
      whole(10),
      part(0, ""),
      whole(0, bytesOf("hä").subarray(2)),
      text("x".repeat(300)),
      whole(2, "binary"),
      closing(1001, "bye"),
      text("not any more"),
    ]);
    const heard = [
      ...["text 5 één", "ping are you there", "pong", "text 3 hä", `text 300 ${"x".repeat(300)}`],
      ...["text 6 binary", "close 1001 bye"],
    ];
    expect(read([stream])).toEqual(heard);
    expect(read([...stream].map((byte) => Buffer.of(byte)))).toEqual(heard);
    for (let at = 1; at < stream.length; at++) expect(read(cut(stream, [at]))).toEqual(heard);
  });

  test("any messages, in any fragments, cut anywhere, come as they were sent", () => {
    const message = fc.tuple(fc.string({ unit: "binary", maxLength: 400 }), fc.array(fc.nat(), { maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 8 }), (messages, places) => {
        const frames = messages.flatMap(([said, cuts]) => {
          const parts = cut(Buffer.from(said), cuts);
          return parts.map((payload, index) =>
            frame({ opcode: index === 0 ? 1 : 0, payload, isLast: index === parts.length - 1 }),
          );
        });
        const expected = messages.map(([said]) => `text ${Buffer.byteLength(said)} ${Buffer.from(said).toString()}`);
        expect(read(cut(Buffer.concat(frames), places))).toEqual(expected);
      }),
    );
  });

  test("any bytes are read or refused, and nothing else happens", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), (chunks) => {
        try {
          read(chunks.map((chunk) => Buffer.from(chunk)));
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
    );
  });

  it.each([
    ["a reserved bit", Buffer.of(0xc1, 0), 1002],
    ["a mask", Buffer.of(0x81, 0x80, 1, 2, 3, 4), 1002],
    ["an unknown opcode", whole(3, "x"), 1002],
    ["an unknown control opcode", whole(11), 1002],
    ["a continuation of nothing", whole(0, "x"), 1002],
    ["a message within a message", Buffer.concat([part(1, "x"), text("y")]), 1002],
    ["a cut control frame", part(9, "x"), 1002],
    ["a long control frame", whole(9, "x".repeat(126)), 1002],
    ["a close of one byte", whole(8, "x"), 1002],
    ["a close code that is never sent", closing(1006), 1002],
    ["a close code that does not exist", closing(999), 1002],
    ["a close reason that is no UTF-8", whole(8, Buffer.of(0x03, 0xe8, 0xff)), 1007],
    ["a message that is no UTF-8", text(Buffer.of(0x61, 0xff)), 1007],
    ["a surrogate", text(Buffer.of(0xed, 0xa0, 0x80)), 1007],
    ["a message that is too long", text("x".repeat(101)), 1009],
    ["fragments that are too long", Buffer.concat([part(1, "x".repeat(60)), part(0, "x".repeat(60))]), 1009],
    ["a length beyond all numbers", Buffer.of(0x81, 127, 255, 255, 255, 255, 255, 255, 255, 255), 1009],
    ["endless empty fragments", Buffer.concat([part(1, ""), ...Array.from({ length: 200 }, () => part(0, ""))]), 1009],
  ])("refuses %s", (_, bytes, closeCode) => {
    const failing = (chunks: readonly Buffer[]) => () => read(chunks, 100);
    expect(failing([bytes])).toThrow(expect.objectContaining({ closeCode }));
    expect(failing([...bytes].map((byte) => Buffer.of(byte)))).toThrow(expect.objectContaining({ closeCode }));
  });

  it("refuses what is too long before it has come", () => {
    expect(() => read([text("x".repeat(101)).subarray(0, 2)], 100)).toThrow(FrameError);
  });

  it("takes a replacement character for itself", () => {
    expect(read([text("\ufffd")])).toEqual(["text 3 \ufffd"]);
  });

  it("hands on nothing behind an end in the middle", () => {
    const heard: string[] = [];
    const reader = new FrameReader(100, {
      onText: (said) => {
        heard.push(said);
        reader.end();
      },
      ...{ onPing: () => undefined, onPong: () => undefined, onClose: () => undefined },
    });
    reader.read(Buffer.concat([text("one"), text("two")]));
    reader.read(text("three"));
    expect(heard).toEqual(["one"]);
  });
});

/** What a server reads of one frame. */
function readMasked(bytes: Buffer): { readonly opcode: number; readonly mask: Buffer; readonly payload: Buffer } {
  const [first = 0, second = 0] = bytes;
  expect([first & 0xf0, second & 0x80]).toEqual([0x80, 0x80]);
  const short = second & 0x7f;
  const at = short < 126 ? 2 : short === 126 ? 4 : 10;
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const mask = bytes.subarray(at, at + 4);
  const payload = Buffer.from(bytes.subarray(at + 4).map((byte, index) => byte ^ mask[index % 4]!));
  expect(payload.length).toBe(length);
  return { opcode: first & 0x0f, mask, payload };
}

describe("writing", () => {
  it.each([
    ["with a mask", false],
    ["where nobody stands between", true],
  ])("a text of each length of header, %s", (_, isPrivate) => {
    const writer = new FrameWriter(isPrivate);
    for (const length of [0, 1, 5, 125, 126, 65_535, 65_536, 70_001]) {
      const said = "é".repeat(Math.floor(length / 2)) + "x".repeat(length % 2);
      const { opcode, mask, payload } = readMasked(writer.text(said, length));
      expect([opcode, payload.toString()]).toEqual([1, said]);
      if (isPrivate) expect([...mask]).toEqual([0, 0, 0, 0]);
    }
  });

  it("draws another mask for each frame", () => {
    const writer = new FrameWriter(false);
    const masks = new Set(Array.from({ length: 2000 }, () => readMasked(writer.text("x", 1)).mask.toString("hex")));
    expect(masks.size).toBeGreaterThan(1990);
  });

  it("says control frames", () => {
    const writer = new FrameWriter(false);
    const said = [writer.ping(), writer.pong(Buffer.from("yes")), writer.close(), writer.close(1009)].map((bytes) => {
      const { opcode, payload } = readMasked(bytes);
      return [opcode, payload.toString("hex")];
    });
    expect(said).toEqual([
      [9, ""],
      [10, Buffer.from("yes").toString("hex")],
      [8, ""],
      [8, "03f1"],
    ]);
  });
});
