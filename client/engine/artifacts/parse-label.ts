import { ArtifactLabel } from '#domain/fleet/artifact.schema.ts';
import { sluiceError } from '#domain/errors/failure.ts';

/** What a person says about firmware bytes. */
export interface GivenLabel {
  readonly name: string;
  readonly version: string;
  readonly hardware: readonly string[];
  readonly minimumVersion: string | null;
  readonly sha256: string | null;
}

const OPTIONS: Readonly<Record<string, string>> = {
  name: '--name',
  version: '--version',
  hardware: '--hardware',
  minimumVersion: '--minimum-version',
  sha256: '--sha256',
};

/** The checked label. Throws ARTIFACT_INVALID naming the option. */
export function parseLabel(given: GivenLabel): ArtifactLabel {
  const parsed = ArtifactLabel.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const [key, index] = issue?.path ?? [];
  const option = OPTIONS[String(key)] ?? String(key);
  const value = given[key as keyof GivenLabel];
  const found = JSON.stringify(Array.isArray(value) && typeof index === 'number' ? (value as string[])[index] : value);
  throw sluiceError(
    'ARTIFACT_INVALID',
    { field: option, why: `expected ${issue?.message ?? 'another value'}` },
    { where: option, found },
  );
}
