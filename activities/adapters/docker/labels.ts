import type { ContainerLabels } from '#domain/containers/labels.ts';

/** On every container of ours, and on no other. */
export const RUN_LABEL = 'sluice.run';
/** The container's port: with it the address can be read back from the container alone. */
const PORT_LABEL = 'sluice.port';

const TEXTS = {
  environment: 'sluice.environment',
  application: 'sluice.application',
  version: 'sluice.version',
  run: RUN_LABEL,
  step: 'sluice.step',
  spec: 'sluice.spec',
  plan: 'sluice.plan',
} as const;
const NUMBERS = { release: 'sluice.release', replica: 'sluice.replica', generation: 'sluice.generation' } as const;

type Labels = Readonly<Record<string, string>>;

/** The labels of a container that listens on `port`. */
export function toLabels(labels: ContainerLabels, port: number): Record<string, string> {
  const named = Object.entries({ ...TEXTS, ...NUMBERS }).map(([field, label]) => [
    label,
    String(labels[field as keyof ContainerLabels]),
  ]);
  return { ...(Object.fromEntries(named) as Record<string, string>), [PORT_LABEL]: String(port) };
}

/** What a container bears; null when it is not ours, that is when one of the labels is missing or no number. */
export function fromLabels(labels: Labels): { readonly labels: ContainerLabels; readonly port: number } | null {
  const text = (label: string): string => labels[label] ?? '';
  const whole = (label: string): number => (/^\d+$/.test(text(label)) ? Number(text(label)) : Number.NaN);
  const port = whole(PORT_LABEL);
  const [release, replica, generation] = [NUMBERS.release, NUMBERS.replica, NUMBERS.generation].map(whole);
  if (release === undefined || replica === undefined || generation === undefined) return null;
  const isWhole = [port, release, replica, generation].every(Number.isSafeInteger);
  if (!isWhole || Object.values(TEXTS).some((label) => labels[label] === undefined)) return null;
  const texts = Object.fromEntries(Object.entries(TEXTS).map(([field, label]) => [field, text(label)]));
  return { labels: { ...(texts as Record<keyof typeof TEXTS, string>), release, replica, generation }, port };
}

/** Filters of the engine's list and events: each of `labels` exactly. */
export function labelFilters(wanted: {
  readonly environment: string;
  readonly application?: string;
  readonly release?: number;
}): string[] {
  const { environment, application, release } = wanted;
  return [
    RUN_LABEL,
    `${TEXTS.environment}=${environment}`,
    ...(application === undefined ? [] : [`${TEXTS.application}=${application}`]),
    ...(release === undefined ? [] : [`${NUMBERS.release}=${release}`]),
  ];
}
