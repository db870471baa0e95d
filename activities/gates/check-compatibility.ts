import { counted } from '#domain/counted.ts';
import { misfitOf, type Misfit } from '#domain/fleet/compatibility.ts';
import type { FleetPlan, PlannedFirmware } from '#domain/plan/plan.ts';
import type { Finding, GateDeps } from './deps.ts';
import { targetMakes, type TargetMake } from './target-makes.ts';

interface MisfitMake extends TargetMake {
  readonly why: Misfit;
}

/** Passes when every target has hardware that the firmware fits and comes from a version that may take it. */
export async function checkCompatibility({ pool }: GateDeps, plan: FleetPlan): Promise<Finding> {
  const { firmware } = plan;
  const makes = await targetMakes(pool, plan);
  const misfits = makes.flatMap((make): MisfitMake[] => {
    const why = misfitOf(make, firmware);
    return why === null ? [] : [{ ...make, why }];
  });
  const devices = sum(makes);
  if (misfits.length === 0)
    return {
      kind: 'passed',
      summary: devices === 1 ? 'the one device fits' : `${devices} devices fit`,
      evidence: null,
    };
  const reasons = [...Map.groupBy(misfits, ({ why }) => why)].map(
    ([why, of]) => `${sum(of)} ${describe(why, firmware)}`,
  );
  const summary = `${sum(misfits)} of ${counted(devices, 'device')} do not fit: ${reasons.join(', ')}`;
  const { name, version, hardware, minimumVersion } = firmware;
  return { kind: 'failed', summary, evidence: { firmware: { name, version, hardware, minimumVersion }, misfits } };
}

const sum = (makes: readonly TargetMake[]): number => makes.reduce((total, { devices }) => total + devices, 0);

function describe(why: Misfit, { hardware, minimumVersion }: PlannedFirmware): string {
  switch (why) {
    case 'hardware':
      return `with other hardware than ${hardware.join(', ')}`;
    case 'version-too-old':
      return `older than ${minimumVersion}`;
    case 'version-unknown':
      return `with a version that cannot be compared with ${minimumVersion}`;
  }
}
