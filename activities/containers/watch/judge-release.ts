import { judge, type AnalysisVerdict } from '#domain/analysis/judge.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { GateOutcome } from '#domain/ports/gates.port.ts';
import { readSamples } from '../../adapters/postgres/release-watches.ts';
import { shiftedAt } from '../../adapters/postgres/release-rows.ts';
import type { ContainerWork } from '../deps.ts';
import { preparedRelease } from '../release-work.ts';

/** What the judge found; its evidence is the whole verdict. */
export interface Judgement {
  readonly kind: GateOutcome['kind'];
  readonly summary: string;
  readonly evidence: Readonly<Record<string, unknown>> | null;
}

/** The judge over what was measured since the release's share of the traffic changed last. */
export async function judgeRelease(work: ContainerWork, ref: RunRef): Promise<Judgement> {
  const { plan, pool } = await preparedRelease(work, ref);
  const { analysis } = plan;
  if (analysis === null) return { kind: 'not_evaluated', summary: 'the plan has no analysis', evidence: null };
  const from = await shiftedAt(pool, ref.run);
  if (from === null) return { kind: 'inconclusive', summary: 'no traffic was moved yet', evidence: null };
  const window = { from, until: new Date().toISOString() };
  const verdict = judge(analysis, { window, samples: await readSamples(pool, ref.run, window) });
  return { kind: KIND_OF[verdict.result], summary: describe(verdict), evidence: { verdict } };
}

const KIND_OF: Readonly<Record<AnalysisVerdict['result'], GateOutcome['kind']>> = {
  pass: 'passed',
  marginal: 'inconclusive',
  fail: 'failed',
};

/** `score 50 of 100: error_rate_percent High (+320 %)` */
function describe({ score, reason, metrics }: AnalysisVerdict): string {
  const bad = metrics.filter(({ classification, isDryRun }) => classification !== 'Pass' && !isDryRun);
  const named = bad.map(({ name, classification, effect }) => {
    const change = effect === null ? '' : ` (${effect.toFixed(2)} ×)`;
    return `${name} ${classification}${change}`;
  });
  return `score ${score} of 100: ${named.join(', ') || reason}`;
}
