import { sluiceError } from '#domain/errors/failure.ts';
import type { Artifact } from '#domain/fleet/artifact.ts';
import { addArtifact as add } from '../../engine/artifacts/add-artifact.ts';
import { artifactDocument, verifiedDocument } from '../../engine/artifacts/artifact-document.ts';
import { listArtifacts as list, showArtifact as show } from '../../engine/artifacts/show-artifact.ts';
import { verifyArtifacts as verify } from '../../engine/artifacts/verify-artifacts.ts';
import type { CliContext } from '../context.ts';
import { lookOf } from '../look.ts';
import { renderAddedArtifact, renderArtifact, renderArtifacts, renderVerified } from '../render/artifact.ts';
import { concludeWith } from './conclude.ts';
import { progressOf } from './progress-of-bytes.ts';

export interface NameOptions {
  readonly name: string;
  readonly version: string;
}

export interface AddOptions extends NameOptions {
  readonly hardware: readonly string[];
  readonly sha256?: string;
  readonly maxSize?: number;
  readonly minimumVersion?: string;
  readonly signingKey?: string;
}

export async function addArtifact(context: CliContext, source: string, options: AddOptions): Promise<void> {
  const { name, version, hardware, minimumVersion = null, sha256 = null, signingKey = null, maxSize } = options;
  const progress = progressOf(context);
  const adding = add(context.deps(), {
    source,
    label: { name, version, hardware, minimumVersion, sha256 },
    signingKeyFile: signingKey,
    by: await context.person(),
    onProgress: progress.show,
    ...(maxSize !== undefined && { limits: { maxSizeBytes: maxSize } }),
  });
  const added = await adding.finally(progress.end);
  context.print(
    { ...artifactDocument(added.artifact), added: added.isNew, mended: added.mended },
    renderAddedArtifact(added),
  );
}

export async function listArtifacts(context: CliContext, { name = null }: { name?: string | null }): Promise<void> {
  const artifacts = await list(context.deps(), name);
  context.print({ artifacts: artifacts.map(artifactDocument) }, renderArtifacts(artifacts, lookOf(context)));
}

export async function showArtifact(context: CliContext, { name, version }: NameOptions): Promise<void> {
  const artifact = await show(context.deps(), name, version);
  context.print(artifactDocument(artifact), renderArtifact(artifact, lookOf(context).clock));
}

export async function verifyArtifacts(context: CliContext, options: Partial<NameOptions>): Promise<void> {
  const verified = await verify(context.deps(), await chosen(context, options));
  const result = { data: { artifacts: verified.map(verifiedDocument) }, text: renderVerified(verified) };
  const damaged = verified.flatMap(({ artifact, check }) => (check.kind === 'damaged' ? [{ artifact, ...check }] : []));
  const [first] = damaged;
  if (first === undefined) return context.print(result.data, result.text);
  const { artifact, why } = first;
  const found = `${damaged.length} of ${verified.length} damaged`;
  const place = { where: `artifacts/${artifact.sha256}`, found };
  concludeWith(
    context,
    result,
    sluiceError('ARTIFACT_CORRUPT', { name: artifact.name, version: artifact.version, why }, place),
  );
}

async function chosen(context: CliContext, { name, version }: Partial<NameOptions>): Promise<readonly Artifact[]> {
  const deps = context.deps();
  if (name !== undefined && version !== undefined) return [await show(deps, name, version)];
  if (version !== undefined)
    throw sluiceError('USAGE', { why: '--version needs --name' }, { where: 'sluice artifact verify' });
  const artifacts = await list(deps, name ?? null);
  if (name !== undefined && artifacts.length === 0)
    throw sluiceError('ARTIFACT_UNKNOWN', { name, version: '(any version)' });
  return artifacts;
}
