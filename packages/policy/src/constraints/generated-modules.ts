/** For tests: small modules in several languages, and changes that callers see or do not see. No test itself. */
import fc from "fast-check";

interface Param {
  readonly name: string;
  /** Index into the language's types. */
  readonly type: number;
}

interface Func {
  readonly name: string;
  readonly params: readonly Param[];
  readonly result: number;
  readonly body: number;
  readonly isExported: boolean;
}

/** The first function is exported. */
export type Module = readonly Func[];

type Change = (module: Module) => Module;

const func = (index: number): fc.Arbitrary<Func> =>
  fc.record({
    name: fc.stringMatching(/^[a-z]{3,7}$/).map((name) => `${name}${index}`),
    params: fc
      .array(fc.record({ name: fc.constantFrom("size", "name", "input", "left"), type: fc.nat({ max: 3 }) }), { maxLength: 4 })
      .map((list) => list.map((param, at) => ({ ...param, name: `${param.name}${at}` }))),
    result: fc.nat({ max: 3 }),
    body: fc.nat({ max: 1000 }),
    isExported: index === 0 ? fc.constant(true) : fc.boolean(),
  });

export const modules: fc.Arbitrary<Module> = fc.tuple(func(0), func(1), func(2), func(3));

const withFirst =
  (change: (first: Func) => Func): Change =>
  ([first, ...others]) =>
    first === undefined ? [] : [change(first), ...others];

export const breaking: fc.Arbitrary<Change> = fc.constantFrom(
  withFirst((one) => ({ ...one, params: [...one.params, { name: "more", type: 0 }] })),
  withFirst((one) => ({ ...one, result: (one.result + 1) % 4 })),
  withFirst((one) => ({ ...one, name: `${one.name}x` })),
  withFirst((one) => ({ ...one, isExported: false })),
  withFirst((one) =>
    one.params.length === 0
      ? { ...one, params: [{ name: "more", type: 1 }] }
      : { ...one, params: one.params.map((param) => ({ ...param, type: (param.type + 1) % 4 })) },
  ),
  (module) => module.slice(1),
);

export const harmless: fc.Arbitrary<Change> = fc.constantFrom<Change>(
  (module) => module.map((one) => ({ ...one, body: one.body + 1 })),
  (module) => module.map((one) => (one.isExported ? one : { ...one, params: [], result: 0, name: `${one.name}y` })),
  (module) => module.toReversed(),
  (module) => module.filter(({ isExported }) => isExported),
  (module) => [...module, { name: "hidden", params: [], result: 1, body: 1, isExported: false }],
);

/** `other`: with other comments, blanks and lines. */
type Style = "usual" | "other";

interface Language {
  readonly ending: string;
  readonly write: (module: Module, style?: Style) => string;
}

interface Forms {
  readonly types: readonly string[];
  readonly comment: (text: string) => string;
  readonly func: (one: Func & { readonly list: string; readonly type: string }) => string;
  readonly param: (name: string, type: string) => string;
}

const write =
  ({ types, comment, func: form, param }: Forms) =>
  (module: Module, style: Style = "usual"): string => {
    const typeOf = (index: number): string => types[index] ?? "";
    return module
      .map((one) => {
        const params = one.params.map(({ name, type }) => param(name, typeOf(type)));
        const list = style === "usual" ? params.join(", ") : params.map((each) => `\n  ${each}`).join(",");
        return `${style === "usual" ? "" : `${comment("it isn't { what ( it \" was")}\n\n`}${form({ ...one, list, type: typeOf(one.result) })}`;
      })
      .join("\n");
  };

const capital = ({ name, isExported }: Func): string => (isExported ? (name[0] ?? "").toUpperCase() + name.slice(1) : name);

export const languages: readonly Language[] = [
  {
    ending: "ts",
    write: write({
      types: ["string", "readonly number[]", "{ a: string; b?: number }", "Map<string, (a: number) => void>"],
      comment: (text) => `/* ${text} */`,
      param: (name, type) => `${name}: ${type}`,
      func: ({ name, isExported, list, type, body }) =>
        `${isExported ? "export " : ""}function ${name}(${list}): ${type} {\n  const text = \`}\${${body}}\`;\n  return text as never;\n}\n`,
    }),
  },
  {
    ending: "js",
    write: write({
      types: ["", "= 1", "= 'a'", "= true"],
      comment: (text) => `// ${text}`,
      param: (name, type) => `${name} ${type}`.trim(),
      // Without types only parameters show; what would be a result is one more.
      func: ({ name, isExported, list, type, body }) =>
        `${isExported ? "export " : ""}const ${name} = (${[list, `last ${type}`.trim()].filter((one) => one !== "").join(", ")}) => {\n  return /[}]/.test("${body}");\n};\n`,
    }),
  },
  {
    ending: "py",
    write: write({
      types: ["str", "list[int]", "Dict[str, int]", '"Later"'],
      comment: (text) => `# ${text}`,
      param: (name, type) => `${name}: ${type}`,
      func: ({ name, isExported, list, type, body }) =>
        `def ${isExported ? "" : "_"}${name}(${list}) -> ${type}:\n    """Says ( ${body}."""\n    return ${body}\n`,
    }),
  },
  {
    ending: "go",
    write: write({
      types: ["string", "[]int", "map[string]func(int) error", "*Thing"],
      comment: (text) => `// ${text}`,
      param: (name, type) => `${name} ${type}`,
      func: (one) => `func ${capital(one)}(${one.list}) ${one.type} {\n\ttext := "}${one.body}"\n\treturn use(text, '"')\n}\n`,
    }),
  },
  {
    ending: "rs",
    write: write({
      types: ["&str", "Vec<u8>", "Option<Box<dyn Fn(u8) -> u8>>", "(u8, u16)"],
      comment: (text) => `/* ${text} */`,
      param: (name, type) => `${name}: ${type}`,
      func: ({ name, isExported, list, type, body }) =>
        `${isExported ? "pub " : ""}fn ${name}(${list}) -> ${type} {\n    let text = "}${body}";\n    done(text, '}')\n}\n`,
    }),
  },
];
