import { sluiceError } from '#domain/errors/failure.ts';
import { plainText } from '../plain-text.ts';

/** The reason that a person gave for `command`. Throws REASON_REQUIRED, USAGE when a terminal would obey it. */
export function statedReason(command: string, reason: string): string {
  if (reason.trim() !== '') return plainText(reason.trim(), '--reason');
  const hint = 'add --reason "…": everybody who has to wait reads it';
  throw sluiceError('REASON_REQUIRED', { command }, { where: '--reason', hint });
}
