const LABEL_WIDTH = 10;

/** `label     text`, the text broken at spaces to `width` and hung under itself. */
export function labelled(label: string, text: string, width: number): string[] {
  const lines = wrap(text, Math.max(20, width - LABEL_WIDTH));
  return lines.map((line, index) => `${(index === 0 ? label : '').padEnd(LABEL_WIDTH)}${line}`);
}

/** Spaces at which a line may end: not those before a unit. */
const BREAKS = / (?!(?:ms|s|min|h|d|%)(?![\w%]))/;

/** Breaks `text` at spaces; a word longer than `width` stays whole, so that it can be copied. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(BREAKS)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Lines that belong together; of those that do not fit, the highest `rank` goes first. Rank 0 stays. */
export interface Part {
  readonly rank: number;
  readonly lines: readonly string[];
}

/** All lines of `parts`, or of as many as fit in `rows`. */
export function fitRows(parts: readonly Part[], rows: number): string[] {
  let kept = parts;
  const height = (): number => kept.reduce((sum, { lines }) => sum + lines.length, 0);
  while (height() > rows) {
    const highest = Math.max(...kept.map(({ rank }) => rank));
    if (highest === 0) break;
    const at = kept.findLastIndex(({ rank }) => rank === highest);
    kept = kept.filter((_, index) => index !== at);
  }
  return kept.flatMap(({ lines }) => lines);
}
