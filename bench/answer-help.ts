/** Where `--help` stands among the words, the text is the answer, and the program ends with 0. */
export function answerHelp(args: readonly string[], text: string): void {
  if (!args.includes("--help") && !args.includes("-h")) return;
  console.log(text);
  process.exit(0);
}
