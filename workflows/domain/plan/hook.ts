import type { TextsOrSecrets } from './health-check.ts';

/** Something foreign that a release starts before or after its traffic moves. */
export interface Hook {
  readonly name: string;
  readonly action: HookAction;
  /** Undoes it; null when nothing has to be undone, which a plan says. Run in reverse order on the way back. */
  readonly compensation: HookAction | null;
}

export type HookAction =
  | {
      readonly kind: 'command';
      readonly command: readonly string[];
      readonly timeoutMs: number;
      readonly env?: TextsOrSecrets;
    }
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly method: string;
      readonly expectedStatus: number;
      readonly timeoutMs: number;
      readonly headers?: TextsOrSecrets;
      readonly body: string | null;
    };
