import { counted } from '../counted.ts';
import { formatDuration } from '../time.ts';
import type { EmergencyReport, LeftBehind } from './emergency.ts';

type Ended = Pick<EmergencyReport, 'environment' | 'applications' | 'left' | 'startedAt' | 'endedAt' | 'runCounts'>;

/** `production is back: 3 applications back, 1 unchanged; 4 runs stopped; 12.4 s`. */
export function describeEnd({ environment, applications, left, startedAt, endedAt, runCounts }: Ended): string {
  const inState = (state: string): number => applications.filter((one) => one.state === state).length;
  const { open, ...ended } = runCounts;
  const stopped = Object.values(ended).reduce((sum, count) => sum + count, 0);
  const tookMs = Date.parse(endedAt ?? startedAt) - Date.parse(startedAt);
  return [
    left.length === 0 ? `${environment} is back` : `${environment} is not wholly back: ${left.length} left`,
    `${counted(inState('back'), 'application')} back, ${inState('unchanged')} unchanged`,
    `${counted(stopped, 'run')} stopped${open === 0 ? '' : `, ${open} still open`}`,
    formatDuration(tookMs),
  ].join('; ');
}

/** Rollouts that did not stop, or left devices behind; an application is named with what became of it. */
export function runsLeft({ runs }: Pick<EmergencyReport, 'runs'>): LeftBehind[] {
  return runs.flatMap(({ run, subject, end, phase, reason }) => {
    if (subject.kind === 'application' || (end !== 'open' && end !== 'incomplete')) return [];
    const what = `${run} (${subject.name} ${subject.version})`;
    if (end === 'incomplete') {
      return [{ what, why: `${phase}${reason && `: ${reason}`}`, todo: `sluice run devices ${run} --state left` }];
    }
    const todo = `sluice run show ${run} · sluice deploy rollback --execution-id ${run} --reason "…"`;
    return [{ what, why: `it has not stopped: ${phase}`, todo }];
  });
}
