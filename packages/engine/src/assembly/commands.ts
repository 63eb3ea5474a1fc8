/** The commands of a session's model. What decides and runs them is loaded behind the first request, or by the first command. */
import type { CommandParts, SessionCommands } from "./command-parts.ts";

const prepareAfterMs = 300;

export function openCommands(parts: CommandParts): SessionCommands {
  let loading: Promise<SessionCommands> | undefined;
  const load = (): Promise<SessionCommands> =>
    (loading ??= import("./command-room.ts").then(({ openCommandRoom }) => openCommandRoom(parts)));
  const prepare = async (): Promise<void> => (await load()).prepare();
  // Behind the first request and the first frame; whoever leaves before does not wait for it.
  const timer = setTimeout(() => void prepare(), prepareAfterMs).unref();
  return {
    prepare,
    run: async (request, call) => (await load()).run(request, call),
    answer: (call, answer) => void load().then((desk) => desk.answer(call, answer)),
    // Before there is a desk nothing waits for trust; it is asked when there is one.
    trustChanged: () => void loading?.then((desk) => desk.trustChanged()),
    idle: async () => (await loading)?.idle(),
    async close() {
      clearTimeout(timer);
      await (await loading)?.close();
    },
  };
}
