const LABEL_WIDTH = 10;

/** `label     text`, the text broken at spaces to `width` and hung under itself. */
export function labelled(label: string, text: string, width: number): string {
  const lines = wrap(text, Math.max(20, width - LABEL_WIDTH));
  return lines.map((line, index) => `${(index === 0 ? label : '').padEnd(LABEL_WIDTH)}${line}`).join('\n');
}

/** Breaks `text` at spaces; a word longer than `width` stays whole, so that it can be copied. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
