// Anybody who can reach the server may send anything to a run: refused, told or journaled, and never in the run's way.
import { describe, expect, it } from 'vitest';
import { COMMAND_NAMES, type CommandName } from '#domain/run/commands.ts';
import { approve, CANARY } from '../support/runs/plan-builder.ts';
import { refused, runsOfThisFile } from '../support/runs/with-run.ts';
import type { RunWorld } from '../support/runs/run-world.ts';
import { runTimeline } from '../../workflows/runtime/run.messages.ts';

const startRun = runsOfThisFile();
const envelope = { commandId: 'c-1', by: 'bot', via: 'http', verified: false, reason: 'r' };

/** Inputs that are no command, each a list of arguments. */
const NONSENSE: readonly (readonly [string, readonly unknown[]])[] = [
  ['nothing', []],
  ['null', [null]],
  ['text', ['pause']],
  ['an empty object', [{}]],
  ['no command id', [{ ...envelope, commandId: undefined }]],
  ['several arguments', [7, envelope]],
];

const waitingRun = async (): Promise<RunWorld> => {
  const run = await startRun({ plan: { steps: [approve(), ...CANARY] } });
  await run.journaled('phase-changed', /waits/);
  return run;
};

/** The run still answers, and no task of its workflow failed: it would be repeated for ever. */
async function expectWell(run: RunWorld): Promise<void> {
  expect((await run.view()).state.phase).toBe('awaiting-approval');
  const { events } = await run.handle.fetchHistory();
  expect(events?.filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
  await run.approve('ada');
  expect((await run.result()).phase).toBe('completed');
}

const refusals = async (run: RunWorld): Promise<string[]> =>
  (await run.handle.query(runTimeline)).flatMap(({ type, data }) =>
    type === 'command-refused' ? [`${String(data['command'])} ${String(data['code'])}`] : [],
  );

describe('a signal', () => {
  it.each(NONSENSE)('of every command with %s is refused, and the run goes on', async (_what, args) => {
    const run = await waitingRun();
    for (const name of COMMAND_NAMES) await run.handle.signal(name, ...args);
    expect(await refusals(run)).toEqual(COMMAND_NAMES.map((name) => `${name} COMMAND_INVALID`));
    await expectWell(run);
  });

  it.each([
    ['decideGate', { gate: null, decision: 'approve', digest: null }],
    ['decideGate', { gate: null, decision: 'approved', digest: null, roles: ['approver'] }],
    ['overrideGate', { gate: 'security_scan' }],
  ] satisfies [CommandName, object][])('of %s that is no whole one is refused: %j', async (name, part) => {
    const run = await waitingRun();
    await run.handle.signal(name, { ...envelope, ...part });
    expect(await refusals(run)).toEqual([`${name} COMMAND_INVALID`]);
    await expectWell(run);
  });

  it.each([
    ['an encoding that nobody knows here', 'json/protobuf', '{}'],
    ['text that is no JSON', 'json/plain', '{"commandId":'],
  ])('in %s is refused, and the run goes on', async (_what, encoding, data) => {
    const run = await waitingRun();
    const payload = { metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from(data) };
    await run.client.workflowService.signalWorkflowExecution({
      namespace: run.client.options.namespace,
      workflowExecution: { workflowId: run.handle.workflowId },
      signalName: 'pauseRun',
      input: { payloads: [payload] },
      requestId: 'r-1',
    });
    expect(await refusals(run)).toEqual(['pauseRun COMMAND_INVALID']);
    await expectWell(run);
  });

  it('that nobody offers is nobody’s business', async () => {
    const run = await waitingRun();
    await run.handle.signal('makeCoffee', { sugar: 2 });
    await expectWell(run);
  });
});

describe('an update', () => {
  it.each(NONSENSE)('of every command with %s is refused with what is wrong', async (_what, args) => {
    const run = await waitingRun();
    for (const name of COMMAND_NAMES) {
      const answer = run.handle.executeUpdate(name, { args: [...args] as never });
      await expect(answer).rejects.toMatchObject(refused('COMMAND_INVALID'));
    }
    await expectWell(run);
  });

  it('that rejects with a slip of the pen approves nothing', async () => {
    const run = await waitingRun();
    const slip = { ...envelope, by: 'ada', gate: null, decision: 'rejected', digest: null, roles: ['approver'] };
    const answer = run.handle.executeUpdate('decideGate', { args: [slip] });
    await expect(answer).rejects.toMatchObject({
      cause: {
        type: 'COMMAND_INVALID',
        message: 'decideGate: decision has to be "approve" or "reject", not "rejected"',
        details: [expect.objectContaining({ where: 'decideGate: decision', found: '"rejected"' })],
      },
    });
    expect((await run.view()).waiting?.decisions).toEqual([]);
    await expectWell(run);
  });
});

it('a command without an id is not taken for another one without', async () => {
  const run = await waitingRun();
  const { commandId: _left, ...anonymous } = envelope;
  for (let twice = 0; twice < 2; twice += 1) {
    const answer = run.handle.executeUpdate('pauseRun', { args: [anonymous] });
    await expect(answer).rejects.toMatchObject(refused('COMMAND_INVALID'));
  }
  await expectWell(run);
});
