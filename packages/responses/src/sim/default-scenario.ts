/** What the simulated model says without a scenario file: labelled, useful for trying a client and for measuring one. */
export const DEFAULT_SCENARIO = {
  answers: [
    {
      // N tool rounds that read one file each: the load by which clients are compared.
      when: { prompt: "bench:rounds (\\d{1,5}) (\\S+)" },
      reply: [
        { repeat: "$1", steps: [{ call: { name: "read", arguments: { path: "$2" } } }] },
        { text: "[scripted] $1 rounds done." },
      ],
    },
    {
      // A long text, for the feeling of a rate.
      when: { prompt: "bench:text (\\d{1,5})" },
      reply: [{ text: "[scripted]" }, { repeat: "$1", steps: [{ text: " word" }] }],
    },
    {
      // A fenced patch becomes an edit call of exactly this patch, so that any patch can be sent through any client.
      when: { prompt: "(?:^|\\n)(`{3,})[^\\n`]*\\n([\\s\\S]*?\\n)\\1[ \\t]*(?:\\n|$)" },
      reply: [{ call: { name: ["edit", "apply_patch"], input: "$2" } }, { text: "[scripted] The patch was sent." }],
    },
    {
      reply: [{ text: "[scripted] This is a simulated model. It heard you; it knows no answer to this." }],
    },
  ],
} as const;
