/** The model's commands as the screen knows them: what waits for the person's answer, and what runs with the end of its output. A fold. */
import { type CommandAnswer, type EventOf, type TwolaneEvent, commandAnswers } from "@twolane/protocol";

export type HeldCommand = Omit<EventOf<"command.held">, keyof EventOf<"session.ended"> | "type">;

export interface ModelCommands {
  /** Oldest first. */
  readonly held: readonly HeldCommand[];
  readonly running?: { readonly call: string; readonly command: string; readonly tail: string };
}

export const noCommands: ModelCommands = { held: [] };

const tailKept = 2000;

/** The same object where nothing changes. */
export function reduceCommands(commands: ModelCommands, event: TwolaneEvent): ModelCommands {
  const { held, running } = commands;
  switch (event.type) {
    case "command.held": {
      const { call, command, verdict, network, write } = event;
      return verdict.decision === "block"
        ? commands
        : { ...commands, held: [...held, { call, command, verdict, network, write }] };
    }
    case "command.answered":
    case "tool.ended":
      return held.some(({ call }) => call === event.call)
        ? { ...commands, held: held.filter(({ call }) => call !== event.call) }
        : commands;
    case "turn.ended":
    case "session.resumed":
      return held.length === 0 && running === undefined ? commands : noCommands;
    case "command.started":
      return { held, running: { call: event.call, command: event.command, tail: "" } };
    case "command.output":
      if (running?.call !== event.call) return commands;
      return { held, running: { ...running, tail: `${running.tail}${event.text}`.slice(-tailKept) } };
    case "command.ended":
      return running?.call === event.call ? { held } : commands;
    default:
      return commands;
  }
}

export const isAnswer = (word: string): word is CommandAnswer => commandAnswers.some((answer) => answer === word);
