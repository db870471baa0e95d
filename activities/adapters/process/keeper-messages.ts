/** What a keeper runs, and with what environment; it has none of its own. */
export interface Assignment {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** To the keeper, after its assignment: end the command now. */
export const STOP = 'stop';

/** From the keeper: the command's process group, then its end. */
export type KeeperReport = { readonly kind: 'started'; readonly pid: number } | CommandEnd;

export type CommandEnd =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly tookMs: number }
  | { readonly kind: 'timed-out'; readonly tookMs: number }
  | { readonly kind: 'killed'; readonly signal: string; readonly tookMs: number }
  | { readonly kind: 'not-started'; readonly why: string };
