/** What the launcher (bin/twolane.cjs) drew and took in before this bundle was loaded. */

interface FirstFrame {
  /** Bytes typed so far; from now on the keyboard is the caller's. */
  take(): readonly Buffer[];
}

const place = Symbol.for("twolane.first-frame");

/** Undefined where the launcher drew nothing. Gives it once. */
export function takeFirstFrame(): readonly Buffer[] | undefined {
  const frame: unknown = Reflect.get(process, place);
  Reflect.deleteProperty(process, place);
  return isFrame(frame) ? frame.take() : undefined;
}

const isFrame = (value: unknown): value is FirstFrame => typeof value === "object" && value !== null && "take" in value;
