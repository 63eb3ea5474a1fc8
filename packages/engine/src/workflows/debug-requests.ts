/** What debug tells the model and the person: the failure with its code, the small change, the lines of a report. */
import type { Cause } from "@twolane/protocol";
import { causeForm } from "./causes.ts";
import type { FailurePlace, FoundFailure } from "./failures/failure.ts";

const placesTold = 6;
const othersTold = 6;
const outputLinesTold = 40;
const widthTold = 300;

export interface Trouble {
  /** The person's words; may be empty. */
  readonly words: string;
  readonly output: string;
  /** The one that is worked on first. */
  readonly failures: readonly FoundFailure[];
}

const placeText = ({ path, line, column }: FailurePlace): string =>
  line === 0 ? path : `${path}:${line}${column === undefined ? "" : `:${column}`}`;

/** `name · path:line`, for a person. */
export function failureTitle({ name, message, places: [first] }: FoundFailure): string {
  const what = name === "" ? (message.split("\n")[0] ?? "").slice(0, 80) : name;
  return [what, ...(first === undefined ? [] : [placeText(first)])].filter((part) => part !== "").join(" · ");
}

export function causesRequest(trouble: Trouble): string {
  return ["Find why this fails. Change nothing.", trouble.words, troubleText(trouble), causeForm]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** Small: the first failure, its places in the workspace, the names of the others. Files that it names travel with it. */
function troubleText({ output, failures: [first, ...others] }: Trouble): string {
  if (first === undefined) return output.trim() === "" ? "" : `The output ends with:\n${lastLines(output)}`;
  const own = first.places.filter((place) => place.own).slice(0, placesTold);
  const parts = [`What failed:\n${first.excerpt}`];
  if (own.length > 0) parts.push(`Its places in the workspace, the likeliest first: ${own.map(placeText).join(", ")}`);
  if (others.length > 0) {
    const told = others.slice(0, othersTold).map((one) => `- ${failureTitle(one)}`);
    const more = others.length > othersTold ? [`- and ${others.length - othersTold} more`] : [];
    parts.push(["Failed as well:", ...told, ...more].join("\n"));
  }
  return parts.join("\n\n");
}

function lastLines(text: string, most = outputLinesTold): string {
  const lines = text.trimEnd().split(/\r?\n/);
  const kept = lines.slice(-most).map((line) => line.slice(0, widthTold));
  return [...(lines.length > most ? ["…"] : []), ...kept].join("\n");
}

export interface ChangeWish {
  readonly cause: Cause;
  readonly trouble: Trouble;
  /** What its check said. */
  readonly said: string;
  readonly lines: number;
}

export function changeRequest({ cause, trouble, said, lines }: ChangeWish): string {
  const [first] = trouble.failures;
  const failing = first === undefined ? [] : [`It is to pass then: ${failureTitle(first)}.`];
  return [
    `Make the smallest change that removes this cause, and no other change: ${cause.text}`,
    `At most ${lines} lines; tests stay as they are. Say in one sentence why it is right.`,
    ...failing,
    ...(said === "" ? [] : [`Its check, \`${cause.check}\`, said:\n${lastLines(said, 20)}`]),
  ].join("\n\n");
}
