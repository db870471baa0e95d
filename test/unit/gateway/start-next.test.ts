import { describe, expect, it } from 'vitest';
import { decide } from '#domain/fleet/job-execution-decide.ts';
import { STAGE, STATUS } from '#domain/fleet/job-execution.ts';
import type { StartNextRequest } from '#domain/fleet/job-execution-request.ts';
import type { Execution } from '#domain/fleet/job-execution.ts';
import { execution, MINUTE_MS, NOW_MS, running, startNext, stateOf } from '../../support/gateway/executions.ts';

const firstStatus = (executions: readonly Execution[], request = startNext()) =>
  decide(stateOf(executions), request, NOW_MS);

describe('start-next', () => {
  it('begins the oldest queued job: version 2, in progress, with its document and deadline', () => {
    const decision = firstStatus([execution({ jobSeq: 7 }), execution({ jobSeq: 3 })]);
    expect(decision.changes).toHaveLength(1);
    expect(decision.changes[0]?.after).toMatchObject({
      jobSeq: 3,
      status: STATUS.inProgress,
      versionNumber: 2,
      startToken: 'start-1',
      deadlineAtMs: NOW_MS + 60 * MINUTE_MS,
    });
    expect(decision.answer).toMatchObject({
      kind: 'accepted',
      body: {
        clientToken: 'start-1',
        timestamp: NOW_MS / 1000,
        execution: { jobId: 'exe_test-w3', status: 'IN_PROGRESS', versionNumber: 2, jobDocument: { version: '1.1.0' } },
      },
    });
    expect(decision.notices).toEqual([]);
  });

  it('answers without an execution when nothing is pending', () => {
    const { changes, answer } = firstStatus([execution({ status: STATUS.succeeded })]);
    expect(changes).toEqual([]);
    expect(answer).toEqual({ kind: 'accepted', body: { timestamp: NOW_MS / 1000, clientToken: 'start-1' } });
  });

  it.each(['open', 'held'] as const)('hands out what is in progress of a %s job before anything queued', (status) => {
    const { answer } = firstStatus([execution({ jobSeq: 1 }), running({ jobSeq: 2 }, {}, status)]);
    expect(answer).toMatchObject({ body: { execution: { jobId: 'exe_test-w2' } } });
  });

  it('ends what is in progress of a cancelled job, and begins the next one', () => {
    const downloading = running({ jobSeq: 1, stage: STAGE.downloading }, {}, 'cancelled');
    const { changes, answer, notices } = firstStatus([downloading, execution({ jobSeq: 2 })]);
    expect(changes.map(({ after }) => [after.jobSeq, after.status, after.stage])).toEqual([
      [1, STATUS.canceled, STAGE.downloading],
      [2, STATUS.inProgress, STAGE.unknown],
    ]);
    expect(changes[0]?.after).toMatchObject({ cancelAcknowledged: true, refusedSuccess: false, deadlineAtMs: null });
    expect(answer).toMatchObject({ body: { execution: { jobId: 'exe_test-w2', status: 'IN_PROGRESS' } } });
    expect(notices).toEqual([]);
  });

  it('tells the device of a cancelled job that there is none, whatever it had come to', () => {
    for (const stage of Object.values(STAGE)) {
      const cancelled = running({ stage, startToken: 'start-1' }, { confirm: 'reported' }, 'cancelled');
      const { changes, answer } = firstStatus([cancelled]);
      expect(changes.map(({ after }) => after)).toMatchObject([
        { status: STATUS.canceled, cancelAcknowledged: true, stage, versionNumber: 3 },
      ]);
      expect(answer).not.toHaveProperty('body.execution');
    }
  });

  it.each(['held', 'cancelled'] as const)('hands out nothing queued of a %s job', (status) => {
    const { changes, answer } = firstStatus([execution({}, {}, status)]);
    expect(changes).toEqual([]);
    expect(answer).not.toHaveProperty('body.execution');
  });

  it('takes the step timer and details that come with it', () => {
    const request = startNext({ stepTimeoutMinutes: 2, statusDetails: { step: 'downloading' } });
    expect(firstStatus([execution()], request).changes[0]?.after).toMatchObject({
      deadlineAtMs: NOW_MS + 2 * MINUTE_MS,
      stage: STAGE.downloading,
      statusDetails: { step: 'downloading' },
    });
  });

  it('answers a repeated token again without counting a boot', () => {
    const { changes, answer } = firstStatus([running({ startToken: 'start-1', stage: STAGE.installing })]);
    expect(changes).toEqual([]);
    expect(answer).toMatchObject({ body: { execution: { jobId: 'exe_test-w1', versionNumber: 2 } } });
  });

  it('hands out nothing more while a claimed success waits for its proof', () => {
    const claimed = running({ jobSeq: 1, stage: STAGE.claimed }, { confirm: 'reported' });
    const { changes, answer } = firstStatus([claimed, execution({ jobSeq: 2 })]);
    expect(changes).toEqual([]);
    expect(answer).not.toHaveProperty('body.execution');
  });
});

/** A start-next that comes so many minutes after the start. */
type Start = { readonly at: number } & Partial<StartNextRequest>;

/** Start-next after start-next, each with a token of its own unless it says otherwise. */
function boots(first: Execution, starts: readonly Start[], others: readonly Execution[] = []) {
  let current = first;
  return starts.map(({ at, ...changed }, index) => {
    const request = startNext({ clientToken: `boot-${index}`, ...changed });
    const decision = decide(stateOf([current, ...others]), request, NOW_MS + at * MINUTE_MS);
    const made = decision.changes.find(({ before }) => before.jobSeq === first.row.jobSeq);
    if (made) current = { ...current, row: made.after };
    return { decision, row: current.row };
  });
}
const at = (...minutes: readonly number[]): Start[] => minutes.map((minute) => ({ at: minute }));
const statuses = (first: Execution, starts: readonly Start[]) => boots(first, starts).map(({ row }) => row.status);
const { inProgress, failed } = STATUS;

describe('boot loop', () => {
  const installing = running({ stage: STAGE.installing, statusDetails: { step: 'installing' } });

  it('fails at the third start within confirm_within, with evidence', () => {
    const [first, second, third] = boots(installing, at(1, 3, 6));
    expect(first?.row).toMatchObject({ status: inProgress, versionNumber: 2, updatedAtMs: NOW_MS });
    expect(second?.row).toMatchObject({ status: inProgress, versionNumber: 2, updatedAtMs: NOW_MS });
    expect(third?.row).toMatchObject({ status: failed, versionNumber: 3, deadlineAtMs: null });
    expect(third?.row.statusDetails).toEqual({ step: 'installing', reason: 'boot-loop' });
    expect(third?.decision.changes[0]?.evidence).toMatchObject({
      reason: 'boot-loop',
      boots: 3,
      withinMs: 5 * MINUTE_MS,
      version: '1.1.0',
    });
    expect(third?.decision.answer).not.toHaveProperty('body.execution');
    expect(third?.decision.notices.map(({ topic }) => topic)).toEqual(['notify', 'notify-next']);
  });

  it('begins the next pending job with the answer that ends the loop', () => {
    const last = boots(installing, at(1, 2, 3), [execution({ jobSeq: 2 })]).at(-1);
    expect(last?.decision.answer).toMatchObject({
      body: { execution: { jobId: 'exe_test-w2', status: 'IN_PROGRESS' } },
    });
    expect(last?.decision.changes.map(({ after }) => after.status)).toEqual([failed, inProgress]);
  });

  it('is any three boots within the time, wherever it begins', () => {
    // 0, 0.9, 1.1 and 1.2 times confirm_within: the last three lie in one.
    expect(statuses(installing, at(1, 5.5, 6.5, 7))).toEqual([inProgress, inProgress, inProgress, failed]);
    expect(statuses(installing, at(1, 4, 7, 10, 13))).not.toContain(failed);
  });

  it.each(['unknown', 'downloading', 'installing', 'rebooting'] as const)('counts in stage %s', (stage) => {
    expect(statuses(running({ stage: STAGE[stage] }), at(1, 2, 3))).toEqual([inProgress, inProgress, failed]);
  });

  it('does not count while a claimed success waits: the device was given nothing to do', () => {
    expect(statuses(running({ stage: STAGE.claimed }), at(1, 2, 3, 4))).not.toContain(failed);
  });

  it('does not count the reconnects after an outage', () => {
    const back = { countsAsBoot: false };
    const starts = [{ at: 1 }, { at: 1.5, ...back }, { at: 2, ...back }, { at: 3 }, { at: 4 }];
    expect(statuses(installing, starts)).toEqual([inProgress, inProgress, inProgress, inProgress, failed]);
    expect(boots(installing, [{ at: 1, ...back }])[0]?.decision.answer).toMatchObject({
      body: { execution: { jobId: 'exe_test-w1' } },
    });
  });

  it('does not count a start-next without a token that is delivered again', () => {
    const second = 1 / 60;
    const start = (minutes: number): Start => ({ at: minutes, clientToken: null });
    const begun = running({ startToken: null });
    expect(
      statuses(
        begun,
        [0.1, 0.5, 1, 1.5, 1.9].map((after) => start(after * second)),
      ),
    ).not.toContain(failed);
    expect(statuses(begun, [1, 1 + second, 2, 2 + second, 3].map(start)).at(-1)).toBe(failed);
    // Each is measured from the last that counted: a device that boots every second does not hide behind itself.
    const everySecond = Array.from({ length: 7 }, (_, index) => start(index * second));
    expect(statuses(begun, everySecond).at(-1)).toBe(failed);
  });

  it('does not count a token twice, in whatever order it comes again', () => {
    const again = (minute: number, clientToken: string): Start => ({ at: minute, clientToken });
    const begun = running({ startToken: 'first' });
    const starts = [again(1, 'second'), again(2, 'first'), again(2, 'second'), again(3, 'third'), again(3, 'second')];
    expect(statuses(begun, starts)).not.toContain(failed);
    expect(statuses(begun, [...starts, again(4, 'fourth')]).at(-1)).toBe(failed);
  });
});
