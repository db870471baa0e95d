import type { PlannedMember } from '#domain/plan/joint-plan.ts';
import type { DeployStep } from '#domain/plan/steps.ts';
import { attempt } from '../deploy/attempt.ts';
import type { RunContext } from '../deploy/run-context.ts';
import type { Undone } from '../deploy/run-target.ts';
import { noteProblem } from '../deploy/take-back.ts';
import { newRunId } from '../runtime/new-run-id.ts';
import { followingActivities, membersOf, partOf, startingActivities } from './joint-plan-of.ts';

/** What became of one member; `left`: it still stands, and why. */
interface Back {
  readonly application: string;
  readonly kind: 'back' | 'left';
  readonly text: string;
}

/**
 * Registers, before its first member is started, how a wave is taken back. Waves are undone in reverse, so nothing loses
 * what it needs; the members of one need nothing of each other, and are taken back at the same time.
 */
export function registerWayBack(step: DeployStep, run: RunContext): void {
  run.compensations.register({ id: step.id, undo: (reason) => takeWaveBack(step, run, reason) });
}

async function takeWaveBack(step: DeployStep, run: RunContext, reason: string): Promise<Undone> {
  const wave = membersOf(step, run).toReversed();
  const backs = await Promise.all(wave.map((member) => takeBack(member, run, reason)));
  const left = backs.filter(({ kind }) => kind === 'left');
  // What still stands is what a person has to read first.
  const told = (left.length > 0 ? left : backs).map(({ text }) => text);
  const facts = { wave: step.wave, members: Object.fromEntries(backs.map((one) => [one.application, one.text])) };
  return { left: left.length, summary: told.join('; '), facts };
}

/** An effect that could not be undone keeps none of the others. */
async function takeBack(member: PlannedMember, run: RunContext, reason: string): Promise<Back> {
  const { application, version } = member;
  run.record.noteMember(application, { state: 'taking-back' });
  const tried = await attempt(() => undo(member, run, reason));
  const back: Back =
    tried.kind === 'done'
      ? tried.value
      : { application, kind: 'left', text: `${application} ${version} may stand: ${tried.why}` };
  if (back.kind === 'left') noteProblem(run, application, back.text);
  run.record.noteMember(application, { state: back.kind === 'left' ? 'left' : 'taken-back', detail: back.text });
  return back;
}

async function undo(member: PlannedMember, run: RunContext, reason: string): Promise<Back> {
  const { application, version, planId } = member;
  const own = run.record.memberNamed(application)?.run ?? '';
  const what = `${application} ${version}`;
  const { everyMs } = run.record.input.plan.watch;
  const stopping = followingActivities(run, `until ${what} has ended`);
  const stop = await stopping.stopMember({ run: own, everyMs, planId, partOf: partOf(run), reason });
  if (stop.kind === 'never-started') return { application, kind: 'back', text: `${application} was not begun` };
  const { phase, mayStand } = stop.end;
  if (phase === 'completed') return replace(member, run, { own, reason });
  if (!mayStand) return { application, kind: 'back', text: `${application} is ${phase}` };
  return { application, kind: 'left', text: `${what} may stand half-way: ${own} is ${phase}` };
}

interface Replaced {
  /** The completed run. */
  readonly own: string;
  readonly reason: string;
}

/** By an ordinary run to what was in use before. */
async function replace(member: PlannedMember, run: RunContext, { own, reason }: Replaced): Promise<Back> {
  const { application, version } = member;
  const back = newRunId();
  const starting = startingActivities(run, `take ${application} ${version} back`);
  const started = await starting.returnMember({ run: back, member: own, partOf: partOf(run), reason });
  if (started.kind === 'not-needed') return { application, kind: 'back', text: `${application}: ${started.why}` };
  if (started.kind === 'impossible')
    return { application, kind: 'left', text: `${application} ${version} stays: ${started.why}` };
  run.record.noteMember(application, { back });
  const what = `${application} back to ${started.version}`;
  run.record.journal.record('member-started', `${what}: ${back}`, { application, version: started.version, run: back });
  const { everyMs } = run.record.input.plan.watch;
  const { phase, reason: why } = await followingActivities(run, `until ${what}`).followMember({ run: back, everyMs });
  if (phase === 'completed') return { application, kind: 'back', text: what };
  return { application, kind: 'left', text: `${application} ${version} stays: ${back} is ${phase}: ${why}` };
}
