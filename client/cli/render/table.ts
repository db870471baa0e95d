import { columns } from './columns.ts';

/** One column of a list. */
export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string;
  /** The same with less to read, where the terminal is narrow. */
  readonly short?: (row: Row) => string;
  /** It may be cut down to so many characters; columns without it, like ids, stay whole. */
  readonly cutTo?: number;
}

const GAP = 2;

/** Rows below a head in columns: as they are if `width` allows it, else shorter, else cut with an ellipsis. */
export function renderTable<Row>(shape: readonly Column<Row>[], rows: readonly Row[], width: number): string {
  const cells = (isShort: (column: Column<Row>) => boolean): string[][] => [
    shape.map(({ head }) => head),
    ...rows.map((row) =>
      shape.map((column) => (isShort(column) && column.short ? column.short(row) : column.cell(row))),
    ),
  ];
  const long = cells(() => false);
  if (widthOf(long) <= width) return columns(long);
  const short = cells(() => true);
  return columns(widthOf(short) <= width ? short : cut(shape, short, width));
}

function cut<Row>(shape: readonly Column<Row>[], cells: readonly (readonly string[])[], width: number): string[][] {
  const widths = shape.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  let excess = widthOf(cells) - width;
  // The widest gives first, down to the next one, so that no column loses more than it must.
  while (excess > 0) {
    const candidates = shape.map(({ cutTo }, at) => (cutTo === undefined ? 0 : (widths[at] ?? 0) - cutTo));
    const most = Math.max(...candidates);
    if (most <= 0) break;
    const widest = shape.reduce((best, _, at) => {
      if ((candidates[at] ?? 0) <= 0) return best;
      return best === -1 || (widths[at] ?? 0) > (widths[best] ?? 0) ? at : best;
    }, -1);
    widths[widest] = (widths[widest] ?? 1) - 1;
    excess -= 1;
  }
  return cells.map((row) => row.map((cell, at) => shorten(cell, widths[at] ?? cell.length)));
}

const shorten = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;

function widthOf(cells: readonly (readonly string[])[]): number {
  const widths = (cells[0] ?? []).map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  return widths.reduce((sum, width) => sum + width, 0) + GAP * Math.max(0, widths.length - 1);
}
