// A person who opens only Temporal's UI understands the run: what it shows is read back from a real server.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { realServer, type RunServer } from '../support/runs/run-servers.ts';
import { startRunOn } from '../support/runs/run-world.ts';
import { approve, bake, offer } from '../support/runs/plan-builder.ts';
import { eventually } from '../support/eventually.ts';

let server: RunServer;
beforeAll(async () => {
  server = await realServer();
});
afterAll(() => server.close());

it('tells the story of a run by its page, its summaries and its search attributes', async () => {
  const run = await startRunOn(server, { plan: { steps: [approve(), offer(1), bake(1, 200), offer(2)] } });
  try {
    await run.journaled('phase-changed', /waits/);
    const waiting = await pageOf(server, run.handle.workflowId);
    expect(waiting).toContain('edge 1.1.0 → production');
    expect(waiting).toContain('waiting for approve-1: 1 more approval of role approver');
    expect(waiting).toContain(`sluice approve ${run.runId}`);
    expect(waiting).toContain('| wave | size | state |');
    await run.approve('ada');
    await run.result();
    expect(await pageOf(server, run.handle.workflowId)).toContain('**completed**');
    expect(await summariesOf(run.handle)).toEqual(
      expect.arrayContaining([
        'wave 1 of 3: offer to 10 %',
        'bake 0.2 s after wave 1',
        'snapshot the targets',
        'journal',
      ]),
    );
    const query = `SluiceEnvironment = 'production' and SluicePhase = 'completed' and SluiceVerdict = 'healthy' and SluiceKind = 'fleet-rollout' and SluiceApplication = 'edge'`;
    const client = new Client({ connection: server.connection, namespace: server.namespace });
    await eventually(async () => expect((await client.workflow.count(query)).count).toBe(1));
  } finally {
    await run.close();
  }
});

/** The current details, as the UI asks for them. */
async function pageOf({ connection, namespace }: RunServer, workflowId: string): Promise<string> {
  const { queryResult } = await connection.workflowService.queryWorkflow({
    namespace,
    execution: { workflowId },
    query: { queryType: '__temporal_workflow_metadata' },
  });
  const payload = queryResult?.payloads?.[0];
  if (!payload?.data) throw new Error('no metadata');
  const metadata = JSON.parse(Buffer.from(payload.data).toString()) as { currentDetails?: string };
  return metadata.currentDetails ?? '';
}

async function summariesOf(handle: Awaited<ReturnType<typeof startRunOn>>['handle']): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap((event) => {
    const summary = event.userMetadata?.summary;
    return summary ? [defaultPayloadConverter.fromPayload<string>(summary)] : [];
  });
}
