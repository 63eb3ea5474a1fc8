/** A terminal's screen as an SVG that brings its own background, so that it reads on a light page and on a dark one. Pure. */
import type { Look, StyledRun } from "../../packages/cli/test/styled-rows.ts";

interface Shown {
  readonly rows: readonly (readonly StyledRun[])[];
  readonly cursor: { readonly row: number; readonly column: number };
}

interface Titles {
  readonly columns: number;
  /** In the bar above the screen. */
  readonly caption: string;
  /** For those who do not see it. */
  readonly title: string;
  readonly description: string;
}

export interface Picture extends Shown, Titles {}

export interface Frame extends Shown {
  readonly text: string;
  /** So long it is seen. */
  readonly seconds: number;
}

export interface Recording extends Titles {
  readonly frames: readonly Frame[];
  /** Index of the frame that is seen where nothing moves. */
  readonly still: number;
}

/** Pixels. A cell of the usual monospaced fonts is 0.6 of their size wide. */
const font = 14;
const cell = { width: font * 0.6, height: 20 };
const bar = 36;
const margin = 18;
/** Of a line of text above the lower edge of its row. */
const baseline = 5.5;

const colours = {
  page: "#0d1117",
  bar: "#161b22",
  edge: "#3d444d",
  text: "#dbe2ea",
  dim: "#8b949e",
} as const;
/** The first eight of the palette, as the product uses them: red, green, yellow and cyan on the page's ground. */
const palette: readonly string[] = ["#6e7681", "#ff7b72", "#7ee787", "#e3b341", "#79c0ff", "#d2a8ff", "#76d9e6", "#dbe2ea"];

export function drawSvg(picture: Picture): string {
  return drawWindow(picture, picture.rows.length, [
    `<g font-family="${mono}" font-size="${font}">`,
    ...drawScreen(picture),
    "</g>",
  ]);
}

/** One frame behind the other, again and again; only one of them where the reader wants no motion or knows no animation. */
export function drawRecording(recording: Recording): string {
  const { frames, still } = recording;
  const whole = frames.reduce((sum, { seconds }) => sum + seconds, 0);
  const moves = frames.flatMap(({ seconds }, index) => {
    const before = frames.slice(0, index).reduce((sum, frame) => sum + frame.seconds, 0);
    const [from, to] = [before, before + seconds].map((at) => `${round((at / whole) * 100)}%`);
    const hidden = index === 0 ? "" : "0%{visibility:hidden}";
    const after = index === frames.length - 1 ? "" : `${to}{visibility:hidden}`;
    const last = index === frames.length - 1 ? "visible" : "hidden";
    return [
      `@keyframes frame${index}{${hidden}${from}{visibility:visible}${after}100%{visibility:${last}}}`,
      `.frame${index}{animation-name:frame${index}}`,
    ];
  });
  const style = [
    ".frame{visibility:hidden}",
    `.frame${still}{visibility:visible}`,
    `@media (prefers-reduced-motion:no-preference){.frame{animation:${whole}s step-end infinite}}`,
    ...moves,
  ];
  return drawWindow(recording, Math.max(...frames.map(({ rows }) => rows.length)), [
    `<style>${style.join("\n")}</style>`,
    ...frames.flatMap((frame, index) => [
      `<g class="frame frame${index}" font-family="${mono}" font-size="${font}">`,
      ...drawScreen(frame),
      "</g>",
    ]),
  ]);
}

const drawScreen = ({ rows, cursor }: Shown): readonly string[] => [
  ...rows.flatMap((runs, row) => runs.flatMap((run) => drawRun(run, row))),
  `<rect ${place(cursor.column, cursor.row)} width="${round(cell.width)}" height="${cell.height - 2}" fill="${colours.text}"/>`,
];

function drawWindow({ columns, caption, title, description }: Titles, rows: number, content: readonly string[]): string {
  const width = round(columns * cell.width + 2 * margin);
  const height = round(bar + rows * cell.height + 2 * margin - 6);
  const size = `width="${width}" height="${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="description">${escaped(description)}</desc>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" fill="${colours.page}" stroke="${colours.edge}"/>`,
    `<path d="M1 ${bar}V10.5A9.5 9.5 0 0 1 10.5 1H${width - 10.5}A9.5 9.5 0 0 1 ${width - 1} 10.5V${bar}Z" fill="${colours.bar}"/>`,
    ...[0, 1, 2].map((dot) => `<circle cx="${22 + dot * 18}" cy="${bar / 2}" r="5.5" fill="${colours.edge}"/>`),
    `<text x="${width / 2}" y="${bar / 2 + 4.5}" text-anchor="middle" font-family="${sans}" font-size="13" fill="${colours.dim}">${escaped(caption)}</text>`,
    ...content,
    "</svg>",
    "",
  ].join("\n");
}

const mono = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace";
const sans = "-apple-system, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif";

function drawRun(run: StyledRun, row: number): string[] {
  const { column, cells, look } = run;
  const { colour, ground } = paints(look);
  const width = round(cells * cell.width);
  const back =
    ground === undefined ? [] : [`<rect ${place(column, row)} width="${width}" height="${cell.height - 2}" fill="${ground}"/>`];
  const style = [
    `fill="${colour}"`,
    ...(look.bold ? ['font-weight="bold"'] : []),
    ...(look.italic ? ['font-style="italic"'] : []),
    ...(look.underlined ? ['text-decoration="underline"'] : []),
  ];
  const y = round(bar + margin - 3 + (row + 1) * cell.height - baseline);
  return [
    ...back,
    ...wordsOf(run).map((words) => `<text ${fitted(words)} y="${y}" ${style.join(" ")}>${escaped(words.text)}</text>`),
  ];
}

interface Words {
  readonly text: string;
  readonly column: number;
  readonly cells: number;
}

/** Cut where two blanks or more stand, which a reader of SVG may take for one. */
function wordsOf({ text, column, cells }: StyledRun): Words[] {
  const blanks = text.length - text.replaceAll(" ", "").length;
  // What is not a blank may take two cells; in a run they are all of a kind, or none of them is.
  const wide = text.length === blanks ? 1 : (cells - blanks) / Array.from(text.replaceAll(" ", "")).length;
  const cellsOf = (part: string): number => Array.from(part).reduce((sum, character) => sum + (character === " " ? 1 : wide), 0);
  return [...text.matchAll(/\S+(?: \S+)*/g)].map((found) => ({
    text: found[0],
    column: column + cellsOf(text.slice(0, found.index)),
    cells: cellsOf(found[0]),
  }));
}

/** On its own cells and fitted into them, whatever font the reader has. */
const fitted = ({ column, cells }: Words): string =>
  `x="${round(margin + column * cell.width)}" textLength="${round(cells * cell.width)}" lengthAdjust="spacingAndGlyphs"`;

function paints({ colour, ground, dim, inverse }: Look): { readonly colour: string; readonly ground?: string } {
  const text = colour === undefined ? (dim ? colours.dim : colours.text) : (palette[colour % 8] ?? colours.text);
  const back = ground === undefined ? undefined : (palette[ground % 8] ?? colours.page);
  if (inverse) return { colour: back ?? colours.page, ground: text };
  return { colour: text, ...(back !== undefined && { ground: back }) };
}

const place = (column: number, row: number): string =>
  `x="${round(margin + column * cell.width)}" y="${round(bar + margin - 2 + row * cell.height)}"`;

const round = (pixels: number): number => Math.round(pixels * 100) / 100;
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
