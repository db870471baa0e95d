import { describe, expect, it } from 'vitest';
import { decide } from '#domain/fleet/job-execution-decide.ts';
import { STAGE, STATUS } from '#domain/fleet/job-execution.ts';
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

  it('hands out what is in progress before anything queued, also of a cancelled job', () => {
    const { answer } = firstStatus([execution({ jobSeq: 1 }), running({ jobSeq: 2 }, {}, 'cancelled')]);
    expect(answer).toMatchObject({ body: { execution: { jobId: 'exe_test-w2' } } });
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

/** Start-next after start-next, each with a token of its own, at the given minutes. */
function boots(first: Execution, minutes: readonly number[], others: readonly Execution[] = []) {
  let current = first;
  return minutes.map((minute, index) => {
    const request = startNext({ clientToken: `boot-${index}` });
    const decision = decide(stateOf([current, ...others]), request, NOW_MS + minute * MINUTE_MS);
    const changed = decision.changes.find(({ before }) => before.jobSeq === first.row.jobSeq);
    if (changed) current = { ...current, row: changed.after };
    return { decision, row: current.row };
  });
}

describe('boot loop', () => {
  const installing = running({ stage: STAGE.installing, statusDetails: { step: 'installing' } });

  it('fails at the third start within confirm_within of the first counted one, with evidence', () => {
    const [first, second, third] = boots(installing, [1, 3, 6]);
    expect(first?.row).toMatchObject({ status: STATUS.inProgress, boots: 1, versionNumber: 2 });
    expect(second?.row).toMatchObject({ status: STATUS.inProgress, boots: 2, versionNumber: 2 });
    expect(third?.row).toMatchObject({ status: STATUS.failed, versionNumber: 3, deadlineAtMs: null });
    expect(third?.row.statusDetails).toEqual({ step: 'installing', reason: 'boot-loop' });
    expect(third?.decision.changes[0]?.evidence).toMatchObject({ reason: 'boot-loop', boots: 3, version: '1.1.0' });
    expect(third?.decision.answer).not.toHaveProperty('body.execution');
    expect(third?.decision.notices.map(({ topic }) => topic)).toEqual(['notify', 'notify-next']);
  });

  it('begins the next pending job with the answer that ends the loop', () => {
    const last = boots(installing, [1, 2, 3], [execution({ jobSeq: 2 })]).at(-1);
    expect(last?.decision.answer).toMatchObject({
      body: { execution: { jobId: 'exe_test-w2', status: 'IN_PROGRESS' } },
    });
    expect(last?.decision.changes.map(({ after }) => after.status)).toEqual([STATUS.failed, STATUS.inProgress]);
  });

  it('counts anew when the window of the first boot has passed', () => {
    expect(boots(installing, [1, 2, 7, 8]).map(({ row }) => row.boots)).toEqual([1, 2, 1, 2]);
  });

  it('does not count while the device downloads', () => {
    const rows = boots(running({ stage: STAGE.downloading }), [1, 2, 3, 4]).map(({ row }) => row);
    expect(rows.at(-1)).toMatchObject({ status: STATUS.inProgress, boots: 0 });
  });
});
