// What programs read of freezes, pins and the history of an environment: the names are a contract.
import { DEVICES } from '#domain/coordination/admission.ts';
import type { Freeze, Pin } from '#domain/coordination/holds.ts';
import type { EnvironmentHistory, HistoryEntry } from './environment-history.ts';
import type { Frozen } from './freeze-environment.ts';
import type { HoldsInForce } from './holds-in-force.ts';
import type { Pinned } from './pin-version.ts';

type Document = Record<string, unknown>;

export const freezeDocument = ({ reason, by, since, until }: Freeze): Document => ({
  reason,
  frozen_by: by,
  since,
  until,
});

/** `application` null: the devices of a fleet. */
export const pinDocument = ({ subject, versions, by, reason, since, run }: Pin): Document => ({
  application: applicationOf(subject),
  versions,
  pinned_by: by,
  reason,
  since,
  execution_id: run,
});

export const holdsDocument = ({ freeze, pins }: HoldsInForce): Document => ({
  freeze: freeze && freezeDocument(freeze),
  pins: pins.map(pinDocument),
});

export const frozenDocument = ({ environment, freeze, isTold }: Frozen, frozen: boolean): Document => ({
  environment,
  frozen,
  ...freezeDocument(freeze),
  coordinator_told: isTold,
});

export const pinnedDocument = ({ environment, pin, isTold }: Pinned, pinned: boolean): Document => ({
  environment,
  pinned,
  ...pinDocument(pin),
  coordinator_told: isTold,
});

export const historyDocument = ({ environment, entries, isComplete }: EnvironmentHistory): Document => ({
  environment,
  entries: entries.map(entryDocument),
  complete: isComplete,
});

function entryDocument(entry: HistoryEntry): Document {
  if (entry.kind === 'run') return deliveredDocument(entry);
  const { at, kind, subject, versions, by, reason, until, run } = entry;
  const what = subject === null ? {} : { application: applicationOf(subject), versions, execution_id: run };
  return { at, kind, by, reason, ...what, ...(kind === 'frozen' && { until }) };
}

function deliveredDocument(entry: Extract<HistoryEntry, { kind: 'run' }>): Document {
  const { at, kind, run, subject, digest, phase, by, release, marks } = entry;
  return {
    at,
    kind,
    execution_id: run,
    [subject.kind]: subject.name,
    version: subject.version,
    digest,
    release,
    result: phase,
    by,
    current: marks.includes('current'),
    stable: marks.includes('stable'),
    pinned: marks.includes('pinned'),
  };
}

const applicationOf = (subject: string): string | null => (subject === DEVICES ? null : subject);
