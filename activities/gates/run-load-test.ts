import { judgeLoad, loadNumbers } from '#domain/containers/judge-load.ts';
import type { LoadTest } from '#domain/plan/steps.ts';
import { putLoad } from '../adapters/http-check/load.ts';
import type { Finding, GateWork, StagedInstance } from './deps.ts';

/** Load on instances that nobody uses yet, judged by its failures and its 99th percentile. */
export async function runLoadTest(
  { pulse }: Pick<GateWork, 'pulse'>,
  load: LoadTest,
  instances: readonly StagedInstance[],
  signal: AbortSignal,
): Promise<Finding> {
  if (instances.length === 0) {
    return { kind: 'inconclusive', summary: 'no instance of the new version runs', evidence: null };
  }
  const targets = instances.map(({ host, port }) => ({ host, port }));
  const look = await putLoad({ ...load, targets, signal, onProgress: (progress) => pulse.note(progress) });
  const numbers = loadNumbers(look);
  const { kind, summary } = judgeLoad(load, numbers);
  return {
    kind,
    summary,
    evidence: { load, numbers, failures: look.failures, instances: instances.map(({ name }) => name) },
  };
}
