import { DEVICES } from './admission.ts';
import type { Pin } from './holds.ts';

/** The command that lets go what is pinned. */
export const unpinCommand = (environment: string, { subject }: Pick<Pin, 'subject'>): string =>
  `sluice env unpin ${environment}${subject === DEVICES ? '' : ` --application ${subject}`} --reason "…"`;
