import { entry } from './entry.ts';

/** What a run is after each command, as people say it. */
const PARTICIPLES: Readonly<Record<string, string>> = {
  pauseRun: 'paused',
  resumeRun: 'resumed',
  cancelRun: 'cancelled',
  rollBackRun: 'rolled back',
  decideGate: 'approved or rejected',
  overrideGate: 'let past a gate',
  startRunNow: 'started now',
};

/** Each command as a thing that is sent. */
const NOUNS: Readonly<Record<string, string>> = {
  pauseRun: 'the pause',
  resumeRun: 'the resume',
  cancelRun: 'the cancel',
  rollBackRun: 'the rollback',
  decideGate: 'the decision',
  overrideGate: 'the override',
  startRunNow: 'the start now',
  overrideFreeze: 'to override a freeze',
  freeze: 'a freeze',
  unfreeze: 'the end of a freeze',
  unpin: 'the end of a pin',
};

/** Errors of runs and of the commands sent to them. */
export const runErrors = {
  RUN_NOT_FOUND: entry<{ run: string }>('NOT_FOUND', (d) => `no such run: ${d.run}`, 'sluice run list'),
  RUN_ALREADY_CLOSED: entry<{ run: string; phase: string }>(
    'CONFLICT',
    (d) => `run ${d.run} is already ${d.phase}`,
    (d) => `sluice run show ${d.run}`,
  ),
  RUN_ALREADY_PAUSED: entry<{ run: string }>(
    'CONFLICT',
    (d) => `run ${d.run} is already paused`,
    (d) => `sluice deploy resume --execution-id ${d.run}`,
  ),
  RUN_NOT_PAUSED: entry<{ run: string; phase: string }>(
    'CONFLICT',
    (d) => `run ${d.run} is not paused, it is ${d.phase}`,
    (d) => `sluice run show ${d.run}`,
  ),
  RUN_NOT_WAITING: entry<{ run: string; phase: string }>(
    'CONFLICT',
    (d) => `run ${d.run} waits for no window, it is ${d.phase}`,
    (d) => `sluice run show ${d.run}`,
  ),
  RUN_STOPPING: entry<{ run: string; command: string; why: string }>(
    'CONFLICT',
    (d) => `run ${d.run} cannot be ${PARTICIPLES[d.command] ?? d.command} any more, it is stopping: ${d.why}`,
    (d) => `sluice run watch ${d.run}`,
  ),
  COMMAND_INVALID: entry<{ command: string; path: string; expected: string; found: string }>(
    'INVALID',
    (d) => `${d.command}: ${d.path} has to be ${d.expected}, not ${d.found}`,
    'the fields of a command are those of RunCommands; sluice deploy, approve and run override fill them in',
  ),
  PLAN_NOT_UNDERSTOOD: entry<{ plan: string; why: string }>(
    'CONFLICT',
    (d) => `plan ${d.plan} cannot be carried out by this worker: ${d.why}`,
    'run the version of Sluice that made the plan, or make a new one: sluice plan create --config FILE',
  ),
  GATE_NOT_WAITING: entry<{ run: string; gate: string; waiting: string }>(
    'CONFLICT',
    (d) =>
      d.gate === '(any)'
        ? `run ${d.run} waits for no decision${d.waiting === 'none is' ? '' : ` (${d.waiting})`}`
        : `gate ${d.gate} of run ${d.run} is not waiting for a decision (${d.waiting})`,
    (d) => `sluice run show ${d.run}`,
  ),
  GATE_ALREADY_DECIDED: entry<{ run: string; decision: string; by: string; at: string }>(
    'CONFLICT',
    (d) => `already ${d.decision} by ${d.by} at ${d.at}`,
    (d) => `sluice run show ${d.run}`,
  ),
  GATE_UNKNOWN: entry<{ run: string; gate: string; known: string }>(
    'NOT_FOUND',
    (d) => `run ${d.run} has no gate ${d.gate} that can still be overridden (${d.known})`,
    (d) => `sluice run show ${d.run}`,
  ),
  GATE_ASKS_PEOPLE: entry<{ run: string; gate: string }>(
    'CONFLICT',
    (d) => `gate ${d.gate} of run ${d.run} is decided by people: it cannot be overridden`,
    (d) => `sluice approve ${d.run} --gate ${d.gate} (or sluice reject)`,
  ),
  GATE_BUILT_IN: entry<{ gate: string }>(
    'FORBIDDEN',
    (d) => `gate ${d.gate} keeps devices from firmware that is damaged or does not fit them: nobody can override it`,
    'mend what it found, or make a plan with other firmware or devices',
  ),
  REASON_REQUIRED: entry<{ command: string }>(
    'INVALID',
    (d) => `${NOUNS[d.command] ?? d.command} needs a reason`,
    'add --reason "…": it stands in the run’s journal',
  ),
  APPROVAL_DIGEST_MISMATCH: entry<{ run: string; expected: string; got: string }>(
    'CONFLICT',
    (d) => `the decision is for digest ${d.got}, but ${d.run} runs digest ${d.expected}`,
    'look at the plan again (sluice plan show) and decide on what it says now',
  ),
  APPROVAL_BY_AUTHOR: entry<{ by: string }>(
    'FORBIDDEN',
    (d) => `${d.by} made this plan: to approve it, or to pass its gates, is for others`,
    'ask another person who has the role',
  ),
  APPROVAL_ROLE_MISSING: entry<{ by: string; role: string; roles: string }>(
    'FORBIDDEN',
    (d) => `${d.by} does not have the role ${d.role} (has: ${d.roles || 'none'})`,
    'roles stand under people: in the configuration (sluice env apply -f FILE)',
  ),
  APPROVAL_ALREADY_GIVEN: entry<{ by: string; at: string; decision: string }>(
    'CONFLICT',
    (d) => `already ${d.decision} by ${d.by} at ${d.at}`,
    'one person decides once; another person may add theirs',
  ),
  DEPLOYMENT_IN_PROGRESS: entry<{ environment: string; holder: string; phase: string }>(
    'CONFLICT',
    (d) => `environment ${d.environment} is held by ${d.holder} (${d.phase})`,
    (d) => `wait for it (sluice run watch ${d.holder}) or stop it (sluice deploy cancel --execution-id ${d.holder})`,
  ),
  EMERGENCY_OPEN: entry<{ environment: string; emergency: string }>(
    'CONFLICT',
    (d) => `environment ${d.environment} is being taken back (${d.emergency}): nothing is started there but ways back`,
    (d) => `wait for its end: sluice env rollback-report ${d.emergency}`,
  ),
  EMERGENCY_UNKNOWN: entry<{ wanted: string }>(
    'NOT_FOUND',
    (d) => `no rollback of a whole environment: ${d.wanted}`,
    'sluice env rollback NAME --reason "…" takes an environment back',
  ),
  CONFIRMATION_MISSING: entry<{ environment: string }>(
    'INVALID',
    (d) => `to take ${d.environment} back has to be confirmed, and nobody can be asked here`,
    'add --yes, or --dry-run to see what it would do',
  ),
  START_TIME_INVALID: entry<{ given: string; expected: string }>(
    'INVALID',
    (d) => `--at: expected ${d.expected}, got ${JSON.stringify(d.given)}`,
    'sluice deploy execute --plan-id ID --at 2026-03-20T22:00:00Z',
  ),
  SCHEDULE_OVER: entry<{ plan: string; endedAt: string }>(
    'CONFLICT',
    (d) => `the scheduled time of plan ${d.plan} ended ${d.endedAt}`,
    (d) => `start it at another time: sluice deploy execute --plan-id ${d.plan} --at TIME`,
  ),
  SCHEDULE_IN_NO_WINDOW: entry<{ environment: string; endsAt: string; opensAt: string; reason: string }>(
    'CONFLICT',
    (d) =>
      `no deployment window of ${d.environment} opens before the scheduled time ends ${d.endsAt}: ${d.reason}; next: ${d.opensAt}`,
    'start it for a time in a window, with --at TIME or schedule: in the file of the plan',
  ),
  COMMAND_UNANSWERED: entry<{ command: string; run: string }>(
    'AMBIGUOUS',
    (d) => `${NOUNS[d.command] ?? d.command} was sent to ${d.run}, but no answer came`,
    (d) => `sluice run show ${d.run} tells whether it took effect; repeating it is harmless`,
  ),
};
