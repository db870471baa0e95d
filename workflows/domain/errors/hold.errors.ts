import { DEVICES } from '../coordination/admission.ts';
import { unpinCommand } from '../coordination/unpin-command.ts';
import { entry } from './entry.ts';

interface Pinned {
  readonly environment: string;
  /** Of a fleet `devices`. */
  readonly subject: string;
  readonly versions: string;
  readonly by: string;
  readonly since: string;
  readonly reason: string;
}

const what = ({ subject, environment }: Pinned): string =>
  subject === DEVICES ? `the devices of ${environment} are` : `${subject} in ${environment} is`;

/** Errors of freezes and pins. */
export const holdErrors = {
  ENVIRONMENT_FROZEN: entry<{ environment: string; by: string; until: string; reason: string }>(
    'CONFLICT',
    (d) => `${d.environment} is frozen already, by ${d.by} ${d.until}: ${d.reason}`,
    (d) => `lift it first: sluice env unfreeze ${d.environment} --reason "…"`,
  ),
  ENVIRONMENT_NOT_FROZEN: entry<{ environment: string }>(
    'CONFLICT',
    (d) => `${d.environment} is not frozen`,
    (d) => `sluice env history ${d.environment} says when it was`,
  ),
  FREEZE_END_INVALID: entry<{ option: string; given: string; expected: string }>(
    'INVALID',
    (d) => `${d.option}: expected ${d.expected}, got ${JSON.stringify(d.given)}`,
    'sluice env freeze NAME --reason "…" --until 2026-03-20T22:00:00Z (or --for 36h)',
  ),
  VERSION_PINNED: entry<Pinned & { wanted: string }>(
    'CONFLICT',
    (d) =>
      `${what(d)} pinned to ${d.versions} by ${d.by} since ${d.since} (${d.reason}): ${d.wanted} cannot be started`,
    (d) => unpinCommand(d.environment, d),
  ),
  PIN_PRESENT: entry<Pinned>(
    'CONFLICT',
    (d) => `${what(d)} pinned already, to ${d.versions} by ${d.by} since ${d.since}: ${d.reason}`,
    (d) => `let it go first: ${unpinCommand(d.environment, d)}`,
  ),
  PIN_UNKNOWN: entry<{ environment: string; subject: string }>(
    'CONFLICT',
    (d) =>
      `${d.subject === DEVICES ? `the devices of ${d.environment} are` : `${d.subject} in ${d.environment} is`} not pinned`,
    (d) => `sluice env show ${d.environment} says what is`,
  ),
  PIN_UNCLEAR: entry<{ environment: string }>(
    'INVALID',
    (d) => `${d.environment} has applications: say which one`,
    'add --application NAME',
  ),
  NOTHING_TO_PIN: entry<{ environment: string }>(
    'NOT_FOUND',
    (d) => `no rollout to ${d.environment} was ever completed: there is no version to pin`,
    'sluice deploy execute --plan-id ID',
  ),
};
