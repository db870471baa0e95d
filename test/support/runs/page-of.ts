import type { RunWorld } from './run-world.ts';

/** The current details, as the UI asks for them. */
export async function pageOf({ client, handle: { workflowId } }: RunWorld): Promise<string> {
  const { queryResult } = await client.workflowService.queryWorkflow({
    namespace: client.options.namespace,
    execution: { workflowId },
    query: { queryType: '__temporal_workflow_metadata' },
  });
  const payload = queryResult?.payloads?.[0];
  if (!payload?.data) throw new Error('no metadata');
  const metadata = JSON.parse(Buffer.from(payload.data).toString()) as { currentDetails?: string };
  return metadata.currentDetails ?? '';
}
