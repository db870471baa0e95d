import { CancellationScope, setCurrentDetails } from '@temporalio/workflow';
import type { EmergencyInput, EmergencyReport } from '#domain/emergency/emergency.ts';
import { leftOf } from '#domain/emergency/plan-ways-back.ts';
import { describeEnd, runsLeft } from '#domain/emergency/describe-emergency.ts';
import { addMs, type Iso } from '#domain/time.ts';
import { now } from '../runtime/clock.ts';
import { emergencyActivities, emergencyLooks } from './emergency-activities.ts';
import { EmergencyRecord } from './emergency-record.ts';
import { goBack } from './go-back.ts';

/**
 * Takes a whole environment back: nobody begins there but ways back, every open run stops, then every application goes back,
 * what needs others before what they need. Ends with a report, whatever failed on the way; a cancel does not stop it.
 */
export function rollBackEnvironment(input: EmergencyInput): Promise<EmergencyReport> {
  const record = new EmergencyRecord(input);
  return CancellationScope.nonCancellable(async () => {
    await takeHold(record);
    const startedAt = now();
    await stopRuns(record, addMs(startedAt, input.patienceMs));
    let left = await takeBack(record);
    if (record.report.runCounts.open > 0) {
      // What does not answer keeps nobody else waiting, and is tried for as long as a rollback may take.
      await stopRuns(record, addMs(startedAt, input.giveUpAfterMs));
      left = await takeBack(record);
    }
    return end(record, left);
  });
}

async function takeHold(record: EmergencyRecord): Promise<void> {
  const { id, environment, startedBy, to } = record.input;
  const { by, via, verified, reason } = startedBy;
  record.journal.record('run-started', `${by} takes ${environment} back: ${reason}`, { by, via, verified, reason, to });
  const hold = { id, since: now() };
  await emergencyActivities(record, `nobody begins in ${environment} but ways back`).takeHold({ environment, hold });
}

async function stopRuns(record: EmergencyRecord, untilAt: Iso): Promise<void> {
  const { id, environment, startedBy } = record.input;
  const what = `every open run of ${environment} stops`;
  record.enter('stopping-runs', what);
  const looks = emergencyLooks(record, what);
  const stopped = await looks.stopRuns({ id, environment, startedBy, untilAt });
  record.noteRuns(stopped);
  const { open, ...ended } = stopped.counts;
  const many = Object.values(ended).reduce((sum, count) => sum + count, 0);
  const summary = `${many} open runs have stopped${open === 0 ? '' : `, ${open} have not`}`;
  record.journal.record('command-accepted', summary, { ...stopped.counts });
}

/** Those that a run of their own took back before stay as they are. Returns what no run can take back. */
async function takeBack(record: EmergencyRecord): Promise<EmergencyReport['left']> {
  const { id, environment, to } = record.input;
  record.enter('taking-back', 'where to, and in which order');
  const planned = await emergencyActivities(record, 'where to, and in which order').planWaysBack({
    id,
    environment,
    to,
  });
  const isOpen = (application: string): boolean =>
    record.applications.every((one) => one.application !== application || one.state === 'waiting');
  for (const back of planned.settled) if (isOpen(back.application)) record.settle(back);
  const ways = planned.ways.filter(({ application }) => isOpen(application));
  setCurrentDetails(ways.map(({ application, to: { version } }) => `- ${application} → ${version}`).join('\n'));
  await goBack(record, ways);
  return planned.left;
}

async function end(record: EmergencyRecord, left: EmergencyReport['left']): Promise<EmergencyReport> {
  const { id, environment } = record.input;
  const applications = record.applications.flatMap((back) => leftOf(back, environment) ?? []);
  record.end([...runsLeft(record.report), ...applications, ...left]);
  const { report } = record;
  record.journal.record('run-ended', describeEnd(report), { left: report.left.length });
  await record.journal.drain();
  const at = report.endedAt ?? now();
  await emergencyActivities(record, `${environment} is open again`).endEmergency({ id, environment, at });
  return report;
}
