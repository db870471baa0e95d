import { counted } from '#domain/counted.ts';
import type { Artifact } from '#domain/fleet/artifact.ts';
import type { ArtifactSource } from '#domain/fleet/artifact.schema.ts';
import type { AddedArtifact } from '../../engine/artifacts/add-artifact.ts';
import type { VerifiedArtifact } from '../../engine/artifacts/verify-artifacts.ts';
import { tellRoughly, tellTime, type Clock } from '../../engine/runs/clock.ts';
import { columns } from './columns.ts';
import { forPeople } from './printable.ts';
import type { Look } from './run.ts';
import { renderTable } from './table.ts';

const HASH_DIGITS = 12;

export const renderAddedArtifact = forPeople(({ artifact, isNew, mended }: AddedArtifact): string => {
  const { name, version, sizeBytes, sha256, hardware, keyId } = artifact;
  const known = mended.length === 0 ? 'has these bytes already: no change' : `mended: ${mended.join(' and ')}`;
  const what = isNew ? 'added' : known;
  return [
    `✓ ${name} ${version} ${what}`,
    `  ${tellSize(sizeBytes)}, sha256 ${sha256}`,
    `  for ${hardware.join(', ')}, signed by key ${keyId}`,
  ].join('\n');
});

export const renderArtifacts = forPeople((artifacts: readonly Artifact[], { listWidth, clock }: Look): string => {
  if (artifacts.length === 0)
    return 'no firmware   ·   sluice artifact add FILE --name edge --version 1.0.0 --hardware edge-a';
  return renderTable(
    [
      { head: 'NAME', cell: ({ name }) => name },
      { head: 'VERSION', cell: ({ version }) => version },
      { head: 'HARDWARE', cell: ({ hardware }) => hardware.join(', '), cutTo: 8 },
      { head: 'SIZE', cell: ({ sizeBytes }) => tellSize(sizeBytes) },
      { head: 'SHA256', cell: ({ sha256 }) => `${sha256.slice(0, HASH_DIGITS)}…` },
      {
        head: 'ADDED',
        cell: ({ addedAt }) => tellTime(addedAt, clock),
        short: ({ addedAt }) => tellRoughly(addedAt, clock),
        cutTo: 8,
      },
    ],
    artifacts,
    listWidth,
  );
});

export const renderArtifact = forPeople((artifact: Artifact, clock: Clock): string => {
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
});

const sourceText = (source: ArtifactSource): string => {
  if (source.kind === 'file') return source.file;
  return source.url === source.finalUrl ? source.url : `${source.url}, which redirects to ${source.finalUrl}`;
};

export const renderVerified = forPeople((verified: readonly VerifiedArtifact[]): string => {
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
});

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB'] as const;

/** `64 KiB`, `1.5 MiB`. */
export function tellSize(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Math.round((bytes / 1024 ** power) * 10) / 10} ${UNITS[power] ?? 'bytes'}`;
}
