/** What a step of the set-up found or made. `paths` are the files that must stay for it to hold. */
export type Outcome = { readonly kind: 'present'; readonly paths: readonly string[] } | Missing;

export interface Missing {
  readonly kind: 'missing';
  readonly part: string;
  /** What was seen, as far as it helps. */
  readonly found: string;
  /** The command or page that mends it. */
  readonly remedy: string;
}

export function present(...paths: string[]): Outcome {
  return { kind: 'present', paths };
}
