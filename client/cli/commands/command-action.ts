import { tally, type Decision } from '#domain/approvals/approval.ts';
import { counted } from '#domain/counted.ts';
import type { RunView, WaitingGate } from '#domain/run/run-view.ts';
import { commandRun, decideGate, overrideGate, startRunNow, type PlainCommand } from '../../engine/runs/command-run.ts';
import type { CommandAnswer } from '../../engine/runs/send-command.ts';
import type { CliContext } from '../context.ts';

/** Sends one of the plain commands and says how the run took it. */
export async function command(
  context: CliContext,
  name: PlainCommand,
  wish: { run: string; reason?: string | undefined },
): Promise<void> {
  const answer = await commandRun(context.deps(), name, { ...wish, person: await context.person() });
  printAnswer(context, name, answer);
}

/** How the run took one of the plain commands. */
export const printAnswer = (context: CliContext, name: PlainCommand, answer: CommandAnswer): void =>
  print(context, answer, WORDS[name](answer));

export interface DecisionOptions {
  readonly gate?: string;
  readonly comment?: string;
  readonly digest?: string;
}

/** Approves or rejects the gate that waits. */
export async function decide(
  context: CliContext,
  decision: Decision,
  wish: DecisionOptions & { run: string },
): Promise<void> {
  const person = await context.person();
  const { run, gate, digest, comment: reason } = wish;
  const answer = await decideGate(context.deps(), { run, decision, person, gate, digest, reason });
  const { view } = answer;
  const said = `${view.run} ${decision === 'approve' ? 'approved' : 'rejected'} by ${person.name}`;
  const missing = missingOf(view.waiting);
  print(context, answer, missing === 0 ? said : `${said}, still ${counted(missing, 'approval')} missing`);
}

function missingOf(waiting: WaitingGate | null): number {
  const state = waiting && tally(waiting.policy, waiting.decisions);
  return state?.kind === 'waiting' ? state.missing : 0;
}

/** Lets a run pass a gate. */
export async function override(
  context: CliContext,
  wish: { run: string; gate: string; reason: string },
): Promise<void> {
  const answer = await overrideGate(context.deps(), { ...wish, person: await context.person() });
  print(context, answer, `${answer.view.run}: gate ${wish.gate} overridden`);
}

/** Lets a run go on before its window opens or its time comes. */
export async function startNow(context: CliContext, wish: { run: string; reason: string }): Promise<void> {
  const answer = await startRunNow(context.deps(), { ...wish, person: await context.person() });
  const isPaused = answer.view.state.phase === 'paused';
  print(context, answer, `${answer.view.run} ${isPaused ? 'goes on after its resume' : 'goes on now'}`);
}

const isRelease = ({ subject }: RunView): boolean => subject.kind !== 'firmware';
const STAYS_INSTALLED = 'it offers nothing more; what is installed stays';
const STAYS_IN_USE = 'it goes no further';
const EACH_BACK = 'every device to its own previous firmware';
const ALL_BACK = 'all traffic to the version before';
const EVERY_ONE_BACK = 'each application to the version before, the last first';

function wayBackOf(view: RunView): string {
  if (view.subject.kind === 'release') return EVERY_ONE_BACK;
  return isRelease(view) ? ALL_BACK : EACH_BACK;
}

const WORDS: Readonly<Record<PlainCommand, (answer: CommandAnswer) => string>> = {
  pauseRun: ({ view }) =>
    view.pausing ? `${view.run} is pausing: what is under way ends first` : `${view.run} is paused`,
  resumeRun: ({ view }) => `${view.run} goes on`,
  cancelRun: ({ view }) => `${view.run} is being cancelled: ${isRelease(view) ? STAYS_IN_USE : STAYS_INSTALLED}`,
  rollBackRun: ({ view }) => `${view.run} is being rolled back: ${wayBackOf(view)}`,
};

function print(context: CliContext, { commandId, view }: CommandAnswer, text: string): void {
  const document = {
    execution_id: view.run,
    command_id: commandId,
    status: view.state.phase,
    pausing: view.pausing,
    waiting_for: view.waiting?.gate ?? null,
    missing: missingOf(view.waiting),
  };
  context.print(document, `${text}\n  sluice run watch ${view.run}`);
}
