import type { Verdict } from '#domain/ports/watch.port.ts';
import { createFakeFleet } from '../support/fakes/fake-fleet.ts';
import { gate } from '../support/runs/plan-builder.ts';
import { runPortsConformance, type RunPortsBed, type Standing } from './run-ports.suite.ts';

const VERDICTS: Readonly<Record<Standing, Verdict>> = {
  well: { kind: 'healthy' },
  failing: {
    kind: 'unhealthy',
    criterion: 'failure-rate',
    failureRatePercent: 40,
    summary: 'failure rate',
    evidence: 'evd_fake',
  },
  ill: { kind: 'unhealthy', criterion: 'health-check', summary: 'health', evidence: 'evd_fake' },
  unseen: { kind: 'inconclusive', why: 'nothing was seen' },
};

let runs = 0;

async function open(): Promise<RunPortsBed> {
  runs += 1;
  const ref = { run: `exe_${runs}`, planId: 'plan_1', digest: 'd' };
  const fleet = createFakeFleet();
  return {
    activities: fleet.activities,
    ref,
    gate(kind) {
      fleet.change({ gates: { scan: kind } });
      return gate({ gate: 'scan' });
    },
    async stand(how) {
      fleet.change({ look: () => VERDICTS[how] });
      return {};
    },
    healthChecks: [],
    journal: async () => fleet.journal(ref.run),
    view: async () => fleet.view(ref.run) ?? null,
  };
}

runPortsConformance('the scripted fleet', async () => ({ open, close: async () => undefined }));
