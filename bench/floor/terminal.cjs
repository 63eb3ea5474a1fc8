/**
 * The floor of a screen: raw mode, a prompt, keys echoed. No types, no session, no drawing. With a list of paths as argument (a file,
 * one a line) a line that begins with `@` is looked up in it at each key and the first eight are printed.
 */
const { stdin, stdout } = process;
const names = process.argv[2] === undefined ? [] : require("node:fs").readFileSync(process.argv[2], "utf8").split("\n");
let line = "";
stdin.setRawMode(true);
stdout.write("\r› ");
stdin.on("data", (bytes) => {
  const keys = bytes.toString();
  if (keys === "\u0003") process.exit(0);
  // Ctrl-U empties the line.
  line = (line + keys).split("\u0015").at(-1);
  stdout.write(keys);
  if (line[0] !== "@") return;
  const query = line.slice(1);
  const found = [];
  for (const name of names) if (name.includes(query) && found.push(name) === 8) break;
  stdout.write(`\r\n${found.join("\r\n")}\r\n› ${line}`);
});
