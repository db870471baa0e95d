import type { PlannedFirmware } from '#domain/plan/plan.ts';
import { findArtifact } from '../adapters/postgres/artifacts.ts';
import { checkFirmware } from '../runtime/check-firmware.ts';
import type { Finding, GateDeps } from './deps.ts';

/** Passes when the firmware is stored as the plan has it, its bytes are whole and its signature is the one devices trust. */
export async function validateFirmware({ pool, dataDirectory }: GateDeps, planned: PlannedFirmware): Promise<Finding> {
  const named = `${planned.name} ${planned.version}`;
  const stored = await findArtifact(pool, planned.name, planned.version);
  if (!stored) return failed(`${named} is not stored any more`, { planned });
  const differing = differences(planned, stored);
  if (differing.length > 0) {
    return failed(`${named} is not what was planned: ${differing.join(', ')} changed`, {
      planned,
      stored: planOf(stored),
    });
  }
  const verdict = await checkFirmware(dataDirectory, planned);
  if (verdict.kind === 'damaged') return failed(`${named} is damaged: ${verdict.why}`, { planned, why: verdict.why });
  const summary = `${named}: ${planned.sizeBytes} bytes, sha256 ${planned.sha256.slice(0, 12)}…, signature valid`;
  return { kind: 'passed', summary, evidence: null };
}

const failed = (summary: string, evidence: Record<string, unknown>): Finding => ({ kind: 'failed', summary, evidence });

function planOf(firmware: PlannedFirmware): PlannedFirmware {
  const { name, version, sha256, sizeBytes, signature, hardware, minimumVersion } = firmware;
  return { name, version, sha256, sizeBytes, signature, hardware, minimumVersion };
}

function differences(planned: PlannedFirmware, stored: PlannedFirmware): string[] {
  const now = planOf(stored);
  return (Object.keys(now) as (keyof PlannedFirmware)[]).filter(
    (field) => JSON.stringify(now[field]) !== JSON.stringify(planned[field]),
  );
}
