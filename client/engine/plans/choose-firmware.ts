import { listArtifacts } from '../../../activities/adapters/postgres/artifacts.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { sluiceError, type SluiceError } from '#domain/errors/failure.ts';
import type { Artifact } from '#domain/fleet/artifact.ts';
import { compareVersions } from '#domain/fleet/version-order.ts';
import type { PlannedFirmware } from '#domain/plan/plan.ts';

export interface WantedFirmware {
  /** Null when only one name has the version. */
  readonly name: string | null;
  /** `latest` takes the highest version. */
  readonly version: string;
  /** The plan file, for errors. */
  readonly file: string;
}

/**
 * The one firmware that the plan file means. Throws PLAN_FIRMWARE_UNKNOWN with those there are, PLAN_FIRMWARE_AMBIGUOUS, or
 * PLAN_LATEST_UNCLEAR when nothing tells which version is the highest.
 */
export async function chooseFirmware(pool: Pool, wanted: WantedFirmware): Promise<PlannedFirmware> {
  const artifacts = await listArtifacts(pool, { name: wanted.name });
  const fitting = wanted.version === 'latest' ? artifacts : artifacts.filter((one) => one.version === wanted.version);
  const names = [...new Set(fitting.map((one) => one.name))];
  if (names.length > 1) throw ambiguous(wanted, names);
  const chosen = newest(fitting);
  if (!chosen) throw unknown(wanted, artifacts.length > 0 ? artifacts : await listArtifacts(pool));
  const { name, version, sha256, sizeBytes, signature, hardware, minimumVersion } = chosen;
  return { name, version, sha256, sizeBytes, signature, hardware, minimumVersion };
}

/** The highest version of one firmware; guessing, by date or otherwise, could put an old one on every device. */
function newest(versions: readonly Artifact[]): Artifact | undefined {
  const [first, ...others] = versions;
  return others.reduce((best, one) => {
    if (best === undefined) return one;
    const order = compareVersions(one.version, best.version);
    if (order !== null && order !== 0) return order > 0 ? one : best;
    throw sluiceError('PLAN_LATEST_UNCLEAR', { firmware: one.name, versions: `${best.version}, ${one.version}` });
  }, first);
}

function unknown({ name, version, file }: WantedFirmware, present: readonly Artifact[]): SluiceError {
  const known = Map.groupBy(present, (one) => one.name);
  const found = [...known].map(
    ([one, versions]) => `${one}: ${versions.map((artifact) => artifact.version).join(', ')}`,
  );
  const firmware = name ?? (known.size === 1 ? ([...known.keys()][0] ?? '') : '');
  const hardware = present.find((one) => one.name === firmware)?.hardware.join(',') ?? 'HARDWARE';
  const filter = firmware === '' ? '' : ` --name ${firmware}`;
  const add = `sluice artifact add FILE --name ${firmware || 'NAME'} --version ${version} --hardware ${hardware}`;
  return sluiceError(
    'PLAN_FIRMWARE_UNKNOWN',
    { firmware, version },
    {
      where: `${file}: firmware_version`,
      found: found.length === 0 ? 'no artifact at all' : found.join(' · '),
      hint: `sluice artifact list${filter}   ·   ${add}`,
    },
  );
}

const ambiguous = ({ version, file }: WantedFirmware, names: readonly string[]): SluiceError =>
  sluiceError('PLAN_FIRMWARE_AMBIGUOUS', { version, names: names.join(', ') }, { where: `${file}: firmware_version` });
