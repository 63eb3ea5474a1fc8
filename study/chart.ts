/** One picture of the table: time, tokens and lines over speed, a line for each way. SVG that is readable on light and dark. Pure. */
import { type Way, ways } from "./course.ts";
import { type Row, rowOf } from "./figures.ts";
import { wayNames } from "./report.ts";
import { speeds } from "./study.ts";

/** Colours that differ for most eyes, and a dash and a mark each for all of them. */
const looks: Readonly<
  Record<Way, { readonly light: string; readonly dark: string; readonly dash: string; readonly mark: string }>
> = {
  restart: { light: "#9a3412", dark: "#fb923c", dash: "2 4", mark: "M-4,-4L4,4M-4,4L4,-4" },
  stop: { light: "#6d28d9", dark: "#c4b5fd", dash: "8 4", mark: "M-4,-4H4V4H-4Z" },
  steer: { light: "#0369a1", dark: "#7dd3fc", dash: "none", mark: "M-4.5,0A4.5,4.5 0 1 0 4.5,0A4.5,4.5 0 1 0 -4.5,0Z" },
  deep: { light: "#166534", dark: "#86efac", dash: "12 3 2 3", mark: "M0,-5L5,4H-5Z" },
};

const panels = [
  { title: "Time to accepted commit, s", of: (row: Row) => row.commitAt },
  { title: "Time the person is there, s", of: (row: Row) => row.attended },
  { title: "Tokens written", of: (row: Row) => row.tokens },
  { title: "Lines reviewed", of: (row: Row) => row.lines },
] as const;

const size = { width: 960, height: 620, panel: { width: 400, height: 190 }, left: 60, top: 70, gapX: 80, gapY: 85 };

export function chartOf(rows: readonly Row[], subtitle: string): string {
  const drawn = panels.map((panel, index) => panelOf(rows, panel, place(index)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-labelledby="t d">`,
    `<title id="t">Four ways of working at four model speeds</title>`,
    `<desc id="d">${escaped(descriptionOf(rows))}</desc>`,
    `<style>${style()}</style>`,
    `<rect class="ground" width="${size.width}" height="${size.height}"/>`,
    `<text x="${size.left}" y="26" class="head">Simulated: four ways to the accepted commit, at four model speeds</text>`,
    `<text x="${size.left}" y="44" class="soft">${escaped(subtitle)}</text>`,
    ...drawn,
    legend(),
    "</svg>\n",
  ].join("\n");
}

interface At {
  readonly x: number;
  readonly y: number;
}

const place = (index: number): At => ({
  x: size.left + (index % 2) * (size.panel.width + size.gapX),
  y: size.top + 20 + Math.floor(index / 2) * (size.panel.height + size.gapY),
});

function panelOf(rows: readonly Row[], { title, of }: (typeof panels)[number], at: At): string {
  const { width, height } = size.panel;
  const top = niceTop(Math.max(...rows.map(of)));
  const [lowest, highest] = [Math.log(speeds[0]), Math.log(speeds[speeds.length - 1] ?? 1)];
  const x = (speed: number): number => ((Math.log(speed) - lowest) / (highest - lowest)) * width;
  const y = (value: number): number => height - (value / top) * height;
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const line = y(share * top).toFixed(1);
    return `<path class="grid" d="M0,${line}H${width}"/><text class="soft" x="-8" y="${line}" dy="4" text-anchor="end">${Math.round(share * top).toLocaleString("en")}</text>`;
  });
  const names = speeds.map(
    (speed, index) =>
      `<text class="soft" x="${x(speed).toFixed(1)}" y="${height + 18}" text-anchor="middle">${speed.toLocaleString("en")}${index === 0 ? " tokens/s" : ""}</text>`,
  );
  const lines = ways.map((way) => {
    const points = speeds.map((speed) => [x(speed).toFixed(1), y(of(rowOf(rows, way, speed))).toFixed(1)] as const);
    const marks = points.map(([px, py]) => `<path class="mark" transform="translate(${px},${py})" d="${looks[way].mark}"/>`);
    return `<g class="${way}"><path class="line" d="M${points.map((point) => point.join(",")).join("L")}"/>${marks.join("")}</g>`;
  });
  return `<g transform="translate(${at.x},${at.y})"><text x="0" y="-14" class="title">${title}</text>${[...grid, ...names, ...lines].join("")}</g>`;
}

/** The next of 1, 2, 4, 6, 8 times a power of ten. */
export function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return ([1, 2, 4, 6, 8, 10].find((times) => times * power >= value) ?? 10) * power;
}

function legend(): string {
  const entries = ways.map(
    (way, index) =>
      `<g class="${way}" transform="translate(${size.left + index * 215},${size.height - 14})"><path class="line" d="M0,-4H34"/><path class="mark" transform="translate(17,-4)" d="${looks[way].mark}"/><text class="plain" x="42">${wayNames[way]}</text></g>`,
  );
  return entries.join("");
}

function style(): string {
  const colours = (shade: "light" | "dark"): string =>
    ways
      .map(
        (way) => `.${way} path{stroke:${looks[way][shade]}}.${way} .mark{fill:${way === "restart" ? "none" : looks[way][shade]}}`,
      )
      .join("");
  return [
    ".ground{fill:#ffffff}text{fill:#1f2937}.soft{fill:#4b5563}.head{font-size:16px;font-weight:600}.title{font-weight:600}",
    ".grid{stroke:#d1d5db;stroke-width:1}.line{fill:none;stroke-width:2.2}.mark{stroke-width:1.6}",
    ways.map((way) => `.${way} .line{stroke-dasharray:${looks[way].dash}}`).join(""),
    colours("light"),
    `@media (prefers-color-scheme: dark){.ground{fill:#0d1117}text{fill:#e6edf3}.soft{fill:#9da7b3}.grid{stroke:#30363d}${colours("dark")}}`,
  ].join("");
}

function descriptionOf(rows: readonly Row[]): string {
  return ways
    .map(
      (way) =>
        `${wayNames[way]}: ${speeds.map((speed) => `${rowOf(rows, way, speed).commitAt.toFixed(0)} s at ${speed} tokens/s`).join(", ")}`,
    )
    .join(". ");
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
