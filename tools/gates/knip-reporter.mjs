// What knip found, one line a fault, and how many files it looked at. knip's own reporters leave the number out.
export default function report({ issues, counters }) {
  for (const [type, byFile] of Object.entries(issues)) {
    for (const [file, found] of Object.entries(byFile)) {
      for (const { symbol, line, filePath } of Object.values(found)) {
        const place = line === undefined ? (filePath ?? file) : `${filePath}:${line}`;
        console.log(`${place.replace(`${process.cwd()}/`, "")}: unused or wrong (${type}): ${symbol}`);
      }
    }
  }
  console.log(`files: ${counters.total}`);
}
