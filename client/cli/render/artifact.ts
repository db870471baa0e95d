import type { Artifact } from '#domain/fleet/artifact.ts';
import type { ArtifactSource } from '#domain/fleet/artifact.schema.ts';
import type { AddedArtifact } from '../../engine/artifacts/add-artifact.ts';
import type { VerifiedArtifact } from '../../engine/artifacts/verify-artifacts.ts';
import { tellTime, type Clock } from '../../engine/runs/clock.ts';
import { columns, counted } from './columns.ts';

const HASH_DIGITS = 12;

export function renderAddedArtifact({ artifact, isNew }: AddedArtifact): string {
  const { name, version, sizeBytes, sha256, hardware, keyId } = artifact;
  const what = isNew ? 'added' : 'has these bytes already: no change';
  return [
    `✓ ${name} ${version} ${what}`,
    `  ${tellSize(sizeBytes)}, sha256 ${sha256}`,
    `  for ${hardware.join(', ')}, signed by key ${keyId}`,
  ].join('\n');
}

export function renderArtifacts(artifacts: readonly Artifact[], clock: Clock): string {
  if (artifacts.length === 0)
    return 'no firmware   ·   sluice artifact add FILE --name edge --version 1.0.0 --hardware edge-a';
  const rows = artifacts.map(({ name, version, hardware, sizeBytes, sha256, addedAt }) => [
    name,
    version,
    hardware.join(', '),
    tellSize(sizeBytes),
    `${sha256.slice(0, HASH_DIGITS)}…`,
    tellTime(addedAt, clock),
  ]);
  return columns([['NAME', 'VERSION', 'HARDWARE', 'SIZE', 'SHA256', 'ADDED'], ...rows]);
}

export function renderArtifact(artifact: Artifact, clock: Clock): string {
  const { provenance } = artifact;
  const { source } = provenance;
  const facts = [
    ['hardware', artifact.hardware.join(', ')],
    ['from', artifact.minimumVersion === null ? 'any version' : `${artifact.minimumVersion} or newer`],
    ['size', `${tellSize(artifact.sizeBytes)} (${artifact.sizeBytes} bytes)`],
    ['sha256', artifact.sha256],
    ['signature', artifact.signature],
    ['key', artifact.keyId],
    ['source', sourceText(source)],
    ['added', `${tellTime(artifact.addedAt, clock)} by ${provenance.by}${provenance.verified ? '' : ' (unverified)'}`],
  ];
  return [
    `${artifact.name} ${artifact.version}`,
    columns(facts.map(([label = '', value = '']) => [`  ${label}`, value])),
  ].join('\n');
}

const sourceText = (source: ArtifactSource): string => {
  if (source.kind === 'file') return source.file;
  return source.url === source.finalUrl ? source.url : `${source.url}, which redirects to ${source.finalUrl}`;
};

export function renderVerified(verified: readonly VerifiedArtifact[]): string {
  const rows = verified.map(({ artifact: { name, version, sha256 }, check }) => [
    `${check.kind === 'intact' ? '✓' : '✗'} ${name} ${version}`,
    `${sha256.slice(0, HASH_DIGITS)}…`,
    check.kind === 'intact' ? 'intact' : check.why,
  ]);
  const intact = verified.filter(({ check }) => check.kind === 'intact').length;
  return [
    ...(rows.length === 0 ? [] : [columns(rows)]),
    `${counted(intact, 'firmware')} of ${verified.length} intact`,
  ].join('\n');
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB'] as const;

/** `64 KiB`, `1.5 MiB`. */
export function tellSize(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Math.round((bytes / 1024 ** power) * 10) / 10} ${UNITS[power] ?? 'bytes'}`;
}
