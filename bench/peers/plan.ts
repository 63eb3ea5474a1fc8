/** What one call of the bench is to do, from its arguments. */
export const sections = ["headless", "interactive"] as const;
export type Section = (typeof sections)[number];

export interface Options {
  readonly sections: readonly Section[];
  /** Names of rivals. */
  readonly rivals: readonly string[];
  readonly samples: number;
  readonly minutes: number;
  /** Measures on a busy machine, too. */
  readonly anyway: boolean;
  readonly markdown?: string;
  readonly json?: string;
}

/** What the process inside the walls is told. */
export interface Plan extends Omit<Options, "anyway" | "markdown" | "json"> {
  readonly repository: string;
  readonly version: string;
  /** Folder of each rival that is there. */
  readonly installed: Readonly<Record<string, string>>;
  /** Where the homes and the project are made. */
  readonly root: string;
  /** The file to which it writes what it has measured. */
  readonly out: string;
}

export const help = `Other harnesses beside ours and a bare Node program, on one simulated model, with no credentials and no network, in one run.

  npm run bench:peers                              all of it: 40 minutes, on a quiet Linux
  npm run bench:peers -- headless codex pi         one section, some of them
  npm run bench:peers -- --markdown FILE --json FILE

Sections: headless, interactive. Harnesses: codex, pi, opencode, claude, gemini, qwen

  --samples N       runs of each (5; in the terminal at most 3)
  --minutes N       no further run begins after so long (40)
  --markdown FILE   the table in a file; else it goes to standard output
  --json FILE       all values behind it
  --anyway          on a busy machine too; the table says so
  --help            this text

It keeps some 2 GB of packages in $XDG_CACHE_HOME/twolane-bench. Status 0: there is a table. 1: nothing could be measured. 2: it was not
asked for rightly. 3: the machine is busy. 130: ended by Ctrl-C, with a table of what there was. What makes it fair: docs/bench.md`;

export type Parsed = { readonly ok: true; readonly options: Options } | { readonly ok: false; readonly message: string };

const files = ["--markdown", "--json"] as const;
const counts = ["--samples", "--minutes"] as const;

/** Words are sections and rivals; none of a kind: all of it. */
export function parseOptions(words: readonly string[], known: readonly string[]): Parsed {
  const found: { sections: Section[]; rivals: string[]; values: Record<string, string>; anyway: boolean } = {
    ...{ sections: [], rivals: [], values: {}, anyway: false },
  };
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const section = sections.find((name) => name === word);
    if (section !== undefined) found.sections.push(section);
    else if (known.includes(word)) found.rivals.push(word);
    else if (word === "--anyway") found.anyway = true;
    else if ([...files, ...counts].some((name) => name === word)) {
      const value = rest.shift();
      if (value === undefined || value.startsWith("--")) return { ok: false, message: `${word} needs a value` };
      found.values[word] = value;
    } else
      return {
        ok: false,
        message: `there is no ${word}; there are ${[...sections, ...known].join(", ")}, --anyway, ${files.join(" FILE, ")} FILE, ${counts.join(" N, ")} N`,
      };
  }
  const bad = counts.find((name) => found.values[name] !== undefined && !/^[1-9]\d{0,2}$/.test(found.values[name]));
  if (bad !== undefined) return { ok: false, message: `${bad} takes a number from 1 to 999` };
  const { values } = found;
  return {
    ok: true,
    options: {
      sections: found.sections.length > 0 ? found.sections : sections,
      rivals: found.rivals.length > 0 ? known.filter((name) => found.rivals.includes(name)) : known,
      anyway: found.anyway,
      samples: Number(values["--samples"] ?? 5),
      minutes: Number(values["--minutes"] ?? 40),
      ...(values["--markdown"] !== undefined && { markdown: values["--markdown"] }),
      ...(values["--json"] !== undefined && { json: values["--json"] }),
    },
  };
}
