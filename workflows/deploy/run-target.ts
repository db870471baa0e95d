import type { Step } from '#domain/plan/steps.ts';

/** What undoing one effect came to; `left` counts what could not be brought back. */
export interface Undone {
  readonly left: number;
  readonly summary: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What stays behind; `problem` names what could not be done about it. */
export interface Left {
  readonly left: number;
  readonly problem: string | null;
}

/** The steps of one kind of target: all others are the same for every run. */
export type TargetStep = Exclude<Step, { kind: 'gate' | 'approve' | 'bake' }>;
