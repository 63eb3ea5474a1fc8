/** The floor of landing: a file replaced by temporary file, sync and rename. Prints the ms of each. Arguments: file, times. */
import { closeSync, fdatasyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";

const [file, times] = process.argv.slice(2);
const bytes = readFileSync(file);
for (let round = 0; round < Number(times); round++) {
  const startedAt = performance.now();
  const temporary = `${file}.tmp`;
  const fd = openSync(temporary, "w");
  writeSync(fd, bytes);
  fdatasyncSync(fd);
  closeSync(fd);
  renameSync(temporary, file);
  console.log(performance.now() - startedAt);
}
