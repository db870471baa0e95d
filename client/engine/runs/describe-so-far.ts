import { describeTraffic } from './describe-traffic.ts';
import { describeWavesSoFar } from './describe-waves.ts';
import type { RunFacts } from './run-facts.ts';

/** What a run has brought about: devices that ended, or who gets the traffic. */
export const describeSoFar = ({ status, plan }: Pick<RunFacts, 'status' | 'plan'>): string =>
  plan.kind === 'container-release'
    ? describeTraffic(status.row.view?.traffic ?? null, plan)
    : describeWavesSoFar(status);
