import { tally } from '#domain/approvals/approval.ts';
import { unpinCommand } from '#domain/coordination/unpin-command.ts';
import { failures } from '#domain/fleet/counts.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import { isGateOfRule } from '#domain/policy/policy-rule.ts';
import type { CommandName } from '#domain/run/commands.ts';
import { startsNow } from '#domain/run/refuse-start-now.ts';
import { refusal } from '#domain/run/refusal.ts';
import type { RunView, WaitingGate } from '#domain/run/run-view.ts';
import type { People } from '../environments/load-people.ts';
import type { RunFacts } from './run-facts.ts';
import { sumCounts } from './run-progress.ts';
import { leftOf } from './status-document.ts';

/** Something that can be done to a run now, and the command that does it. */
export interface AllowedCommand {
  readonly action: string;
  readonly command: string;
}

const PLAIN: readonly { name: CommandName; action: string; verb: string; needsReason: boolean }[] = [
  { name: 'pauseRun', action: 'pause', verb: 'pause', needsReason: false },
  { name: 'resumeRun', action: 'resume', verb: 'resume', needsReason: false },
  { name: 'cancelRun', action: 'cancel', verb: 'cancel', needsReason: true },
  { name: 'rollBackRun', action: 'roll back', verb: 'rollback', needsReason: true },
];

/** What the run would take now: asked of the same rule that will judge the command. */
export function allowedCommands(view: RunView): AllowedCommand[] {
  const envelope = { commandId: 'dry-run', by: '', via: 'cli', verified: false, reason: 'dry run' } as const;
  const plain = PLAIN.filter(({ name }) => refusal(name, envelope, view) === null).map(
    ({ action, verb, needsReason }) => ({
      action,
      command: `sluice deploy ${verb} --execution-id ${view.run}${needsReason ? ' --reason "…"' : ''}`,
    }),
  );
  const startNow = { ...envelope, roles: startsNow(view) };
  const isHeld = refusal('startRunNow', startNow, view) === null;
  const overrides = view.state.phase === 'paused' ? deniedBy(view).map((gate) => overrideCommand(view.run, gate)) : [];
  const asked = isAsking(view) ? decisions(view.run) : [];
  return [...asked, ...(isHeld ? [startNowCommand(view.run)] : []), ...plain, ...overrides];
}

/** Rules of the environment that keep the next step from beginning. */
const deniedBy = ({ openGates, interrupt }: RunView): string[] =>
  interrupt === null ? openGates.flatMap(({ id }) => (isGateOfRule(id) ? [id] : [])) : [];

const overrideCommand = (run: string, gate: string): AllowedCommand => ({
  action: `override ${gate}`,
  command: `sluice run override ${run} --gate ${gate} --reason "…"`,
});

/** A gate whose approvals are all given waits for nobody, even if a pause keeps it shut. */
const isAsking = ({ waiting, interrupt }: RunView): boolean =>
  waiting !== null && interrupt === null && tally(waiting.policy, waiting.decisions).kind === 'waiting';

/** What lets a run begin that a freeze or a pin keeps waiting. */
export function waysPastHold({ status, queue }: Pick<RunFacts, 'status' | 'queue'>): AllowedCommand[] {
  const { run, environment } = status.row;
  const obstacle = queue?.obstacle ?? null;
  if (obstacle?.kind === 'freeze') return [startNowCommand(run)];
  return obstacle?.kind === 'pin' ? [{ action: 'unpin', command: unpinCommand(environment, obstacle.pin) }] : [];
}

/** Where the queue is seen that a run waits in, and the devices and the evidence of one that did not go well. */
export function waysToSee({ status, events }: Pick<RunFacts, 'status' | 'events'>): AllowedCommand[] {
  const { run } = status.row;
  const see = (action: string, command: string): AllowedCommand => ({ action, command });
  const { phase, closed, place, environment } = status.row;
  const isInLine = phase === 'queued' && !closed && place !== null;
  return [
    ...(isInLine ? [see('see the queue', `sluice env queue ${environment}`)] : []),
    ...(leftOf(status) > 0 && status.row.subject.kind !== 'release'
      ? [see('see those left', `sluice run devices ${run} --state left`)]
      : []),
    ...(failures(sumCounts(status.waves)) > 0
      ? [see('see the failed', `sluice run devices ${run} --state failed`)]
      : []),
    ...(events.some(hasEvidence) ? [see('see the evidence', `sluice run evidence ${run}`)] : []),
  ];
}

const hasEvidence = ({ data }: JournalEntry): boolean => typeof data['evidence'] === 'string';

const startNowCommand = (run: string): AllowedCommand => ({
  action: 'start now',
  command: `sluice deploy start-now ${run} --reason "…"`,
});

const decisions = (run: string): AllowedCommand[] => [
  { action: 'approve', command: `sluice approve ${run} --comment "…"` },
  { action: 'reject', command: `sluice reject ${run} --comment "…"` },
];

/** Who may still decide, by name: those of the role, without the author and those who have. */
function mayDecide(waiting: WaitingGate, author: string, people: People): string[] {
  const decided = new Set(waiting.decisions.map(({ by }) => by));
  return Object.entries(people)
    .filter(([name, { roles }]) => roles.includes(waiting.policy.role) && name !== author && !decided.has(name))
    .map(([name]) => name);
}

/** `1 more approval of role approver (2 may give it: ada, lin)`. */
export function missingApprovals(waiting: WaitingGate, author: string, people: People): string {
  const state = tally(waiting.policy, waiting.decisions);
  const missing = state.kind === 'waiting' ? state.missing : 0;
  const names = mayDecide(waiting, author, people);
  const who =
    names.length === 0 ? 'nobody in the configuration may give it' : `${names.length} may give it: ${names.join(', ')}`;
  return `${missing} more ${missing === 1 ? 'approval' : 'approvals'} of role ${waiting.policy.role} (${who})`;
}
