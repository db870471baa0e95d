/** What `sluice doctor` found about one thing. */
export interface Finding {
  /** Short and stable, for programs. */
  readonly name: string;
  readonly title: string;
  readonly version: string;
  /** `idle`: there, but not running now. `warning`: it works, and will do harm one day. */
  readonly state: 'well' | 'idle' | 'warning' | 'missing';
  readonly detail: string;
  /** The exact command that mends it; empty when there is nothing to mend. */
  readonly mend: string;
}
