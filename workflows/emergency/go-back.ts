import { uuid4 } from '@temporalio/workflow';
import type { WayBack } from '#domain/emergency/plan-ways-back.ts';
import type { RunEnded } from '#domain/ports/emergency.port.ts';
import { attempt } from '../deploy/attempt.ts';
import { now } from '../runtime/clock.ts';
import { emergencyActivities, emergencyLooks } from './emergency-activities.ts';
import type { EmergencyRecord } from './emergency-record.ts';

/** A starter that is away for half a minute has lost its run; another one is started then. */
const MOST_STARTS = 5;

/** Takes applications back, each when those that need it are; one that fails keeps nobody from going back. */
export async function goBack(record: EmergencyRecord, ways: readonly WayBack[]): Promise<void> {
  const ends = new Map<string, Promise<void>>();
  for (const way of ways) record.await(way);
  for (const way of ways) {
    const before = way.after.flatMap((application) => ends.get(application) ?? []);
    ends.set(
      way.application,
      Promise.all(before).then(() => takeBack(record, way)),
    );
  }
  await Promise.all(ends.values());
}

async function takeBack(record: EmergencyRecord, way: WayBack): Promise<void> {
  const { application, to } = way;
  record.change(application, { state: 'going-back', startedAt: now() });
  const end = await attempt(() => runBack(record, way));
  const ended =
    end.kind === 'failed'
      ? ({ state: 'failed', why: end.why } as const)
      : end.value.phase === 'completed'
        ? ({ state: 'back', why: way.why } as const)
        : ({ state: 'failed', why: `${end.value.phase}${end.value.reason && `: ${end.value.reason}`}` } as const);
  record.change(application, { ...ended, endedAt: now() });
  const summary =
    ended.state === 'back'
      ? `${application} is back at ${to.version} (release ${to.release})`
      : `${application} is not back: ${ended.why}`;
  record.journal.record(ended.state === 'back' ? 'rollback-ended' : 'compensation-failed', summary, { application });
}

/** Runs the way back; one that was lost before it began is started anew. */
async function runBack(record: EmergencyRecord, way: WayBack): Promise<RunEnded> {
  for (let starts = 1; ; starts += 1) {
    const end = await runOnce(record, way);
    if (!end.isNeverStarted || starts === MOST_STARTS) return end;
  }
}

async function runOnce(record: EmergencyRecord, { application, to }: WayBack): Promise<RunEnded> {
  const { id, environment, queue } = record.input;
  const startedBy = { ...record.input.startedBy, via: 'emergency', reason: `${record.input.startedBy.reason} (${id})` };
  const [run, planId] = [`exe_${letters()}`, `plan_${letters()}`];
  record.change(application, { run });
  record.journal.record('rollback-started', `${application} goes back to ${to.version} by ${run}`, {
    application,
    run,
  });
  const { release } = to;
  const rollback = { run, planId, environment, application, release, startedBy, queue };
  await emergencyActivities(record, `start the way back of ${application}`).startRollback(rollback);
  return emergencyLooks(record, `${application} goes back to ${to.version}`).awaitRun({ run });
}

const letters = (): string => uuid4().replaceAll('-', '');
