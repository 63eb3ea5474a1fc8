/** Questions beside the turn: asked with the conversation as it is, on a connection of their own, and forgotten by the model afterwards. */
import type { EventBody, Failure } from "@twolane/protocol";
import type { ConversationItem, ModelSession } from "../models/models.ts";

export interface AsideDeps {
  /** A second session with the same model; undefined where there is none to ask. */
  readonly open: () => ModelSession | undefined;
  readonly items: () => readonly ConversationItem[];
  readonly emit: (event: EventBody) => void;
}

/** Questions that may wait for an answer at once. */
const waitingLimit = 8;
const instruction = "[Asked aside: answer briefly, change nothing, call nothing. Then the work goes on as before.]";

export class AsideTalk {
  private readonly deps: AsideDeps;
  private session: ModelSession | undefined;
  private waiting = 0;
  private last: Promise<void> = Promise.resolve();

  constructor(deps: AsideDeps) {
    this.deps = deps;
  }

  ask(text: string): void {
    const { emit } = this.deps;
    if (this.waiting >= waitingLimit)
      return emit({ type: "notice.given", code: "ASIDE_FULL", message: `${waitingLimit} questions wait already.` });
    this.waiting++;
    emit({ type: "aside.asked", text });
    this.last = this.last.then(() => this.answer(text)).finally(() => void this.waiting--);
  }

  /** The model is another one from now on. */
  async forget(): Promise<void> {
    const { session } = this;
    this.session = undefined;
    await session?.close();
  }

  private answer(question: string): Promise<void> {
    const { emit, items } = this.deps;
    this.session ??= this.deps.open();
    const { session } = this;
    if (session === undefined) {
      emit({ type: "notice.given", code: "ASIDE_NOBODY", message: "There is no model to ask; /model connects one." });
      return Promise.resolve();
    }
    const user: ConversationItem = { kind: "user", text: `${instruction}\n\n${question}` };
    return new Promise((resolve) => {
      let text = "";
      const end = (failure?: Failure): void => {
        emit({ type: "aside.answered", text: text.trim(), ...(failure && { failure }) });
        resolve();
      };
      session.respond({ items: [...items(), user], tools: [] }, (event) => {
        if (event.kind === "text") {
          text += event.text;
          emit({ type: "aside.delta", text: event.text });
        } else if (event.kind === "ended") end(event.failure);
      });
    });
  }
}
