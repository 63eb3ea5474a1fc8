/** What a surface may do with the hooks of a session outside of one: see which files name any, say yes or no to those of the workspace. */
import { type HookFileState, type McpAnswer, type Result, fail, succeed } from "@twolane/protocol";
import { answerEntry } from "../guard/entry-approvals.ts";
import { askedHooks, hookFileState, readHookFiles } from "./hook-files.ts";
import { type Place, type PlaceOptions, openPlace } from "./place.ts";

export interface HooksDesk {
  list(): readonly HookFileState[];
  /** HOOKS_MISSING, STATE_UNWRITABLE. */
  answer(file: string, answer: McpAnswer): Result<HookFileState>;
}

export function openAgentHooks(options: PlaceOptions): Result<HooksDesk> {
  const opened = openPlace(options);
  if (!opened.ok) return opened;
  const place: Place = opened.value;
  return succeed({
    list: () => readHookFiles(place, options.env).map((file) => hookFileState(file, place)),
    answer(name, answer) {
      const file = readHookFiles(place, options.env).find((one) => one.file === name);
      if (file === undefined) return fail("HOOKS_MISSING", `No hooks of a session stand in ${name}.`);
      const said = answerEntry(place.answers, askedHooks(file), { answer, now: new Date() });
      return said.ok ? succeed(hookFileState(file, place)) : said;
    },
  });
}
