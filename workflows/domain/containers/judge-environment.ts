import { inWords } from '../counted.ts';
import type { EngineFacts } from '../ports/container-engine.port.ts';
import type { EnvironmentCheck } from '../ports/container-operations.port.ts';

/** What was asked and did not answer, with the reason. */
export type Silent = { readonly kind: 'silent'; readonly why: string };

export interface SeenEngine {
  readonly name: string;
  readonly answer: { readonly kind: 'facts'; readonly facts: EngineFacts } | Silent;
}

export interface SeenInstance {
  readonly name: string;
  /** Null when its port takes connections from here. */
  readonly unreachable: string | null;
  /** Null when it answers its readiness probe as it should. */
  readonly unwell: string | null;
}

/** An application as it is in use, and what was seen of it. */
export interface SeenApplication {
  readonly name: string;
  readonly replicas: number;
  /** Names of the engines that run it, in the order in which replicas take turns. */
  readonly engines: readonly string[];
  /** Of each instance; null is no limit. */
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  /** Of its image; null is not known. */
  readonly imageBytes: number | null;
  readonly dependsOn: readonly string[];
  /** `why` is null when it takes connections from here. Null: its image comes from no registry. */
  readonly registry: { readonly address: string; readonly why: string | null } | null;
  readonly instances: readonly SeenInstance[];
}

/** What a look at an environment gathered. */
export interface SeenEnvironment {
  readonly engines: readonly SeenEngine[];
  readonly router: { readonly kind: 'facts' } | Silent;
  readonly applications: readonly SeenApplication[];
}

interface Line {
  readonly text: string;
  /** What to do about it; null: it is as it should be. */
  readonly hint: string | null;
}

/** S2's three checks of an environment: one line for each thing that was looked at. */
export function judgeEnvironment(seen: SeenEnvironment): EnvironmentCheck[] {
  return [
    checkOf(
      'resource_availability',
      seen.engines.flatMap((engine) => resourceLines(engine, seen.applications)),
    ),
    checkOf('network_connectivity', networkLines(seen)),
    checkOf(
      'service_health',
      seen.applications.flatMap((one) => healthLines(one, seen.applications)),
    ),
  ];
}

function checkOf(name: EnvironmentCheck['name'], lines: readonly Line[]): EnvironmentCheck {
  const hints = [...new Set(lines.flatMap(({ hint }) => hint ?? []))];
  const findings = lines.length > 0 ? lines.map(({ text }) => text) : ['nothing to look at yet'];
  return { name, kind: hints.length > 0 ? 'failed' : 'passed', findings, hint: hints.join(' · ') };
}

const START_ENGINE = 'start the engine, or correct its address in the environment (engines)';

function resourceLines({ name, answer }: SeenEngine, applications: readonly SeenApplication[]): Line[] {
  if (answer.kind === 'silent') return [{ text: `engine ${name}: ${answer.why}`, hint: START_ENGINE }];
  const { facts } = answer;
  const asked = { cpus: askedOf(name, applications, 'cpus'), memoryBytes: askedOf(name, applications, 'memoryBytes') };
  const images = applications.filter(({ engines }) => engines.includes(name));
  const imageBytes = images.reduce((sum, one) => sum + (one.imageBytes ?? 0), 0);
  const { freeBytes } = facts;
  return [
    {
      text: `engine ${name}: ${inTenths(asked.cpus)} of ${facts.cpus} CPUs asked for`,
      hint: asked.cpus > facts.cpus ? `give engine ${name} more CPUs, or its applications lower limits` : null,
    },
    {
      text: `engine ${name}: ${inMebibytes(asked.memoryBytes)} of ${inMebibytes(facts.memoryBytes)} memory asked for`,
      hint:
        asked.memoryBytes > facts.memoryBytes
          ? `give engine ${name} more memory, or its applications lower limits`
          : null,
    },
    freeBytes === null
      ? { text: `engine ${name}: free disk not known, it is on another machine`, hint: null }
      : {
          text: `engine ${name}: ${inMebibytes(freeBytes)} of disk free, new images take ${inMebibytes(imageBytes)}`,
          hint:
            freeBytes < Math.max(imageBytes, LEAST_FREE_BYTES)
              ? `make room on engine ${name}: docker image prune`
              : null,
        },
  ];
}

/** Under it an engine fails at layers and logs, whatever the images take. */
const LEAST_FREE_BYTES = 256 * 1024 ** 2;

/** Limits of all instances on an engine, and once more of the largest application: two versions of it run during a release. */
function askedOf(engine: string, applications: readonly SeenApplication[], what: 'cpus' | 'memoryBytes'): number {
  const shares = applications.map((one) => (one[what] ?? 0) * replicasOn(engine, one));
  return shares.reduce((sum, share) => sum + share, 0) + Math.max(0, ...shares);
}

function replicasOn(engine: string, { engines, replicas }: SeenApplication): number {
  return Array.from({ length: replicas }, (_, index) => engines[index % engines.length]).filter((one) => one === engine)
    .length;
}

function networkLines({ router, applications }: SeenEnvironment): Line[] {
  const registries = new Map(
    applications.flatMap(({ registry }) => (registry ? [[registry.address, registry.why]] : [])),
  );
  return [
    router.kind === 'facts'
      ? { text: 'router: answers', hint: null }
      : { text: `router: ${router.why}`, hint: 'start the router: npx sluice up · sluice doctor' },
    ...[...registries].map(([address, why]) => ({
      text: `registry ${address}: ${why ?? 'reachable'}`,
      hint: why === null ? null : `let this machine reach ${address}: new versions are pulled from there`,
    })),
    ...applications.flatMap(({ name, instances }) =>
      instances.map((one) => ({
        text: `${one.name}: ${one.unreachable ?? 'reachable'}`,
        hint: one.unreachable === null ? null : `sluice app instances ${name} · sluice app logs ${name}`,
      })),
    ),
  ];
}

function healthLines(one: SeenApplication, all: readonly SeenApplication[]): Line[] {
  const { name, replicas, instances } = one;
  const sick = instances.filter(({ unwell }) => unwell !== null);
  const well = instances.length - sick.length;
  const lookAt = `sluice app instances ${name} · sluice app logs ${name}`;
  const missing = one.dependsOn.filter((other) => !serves(all.find((candidate) => candidate.name === other)));
  return [
    { text: `${name}: ${well} of ${replicas} instances well`, hint: well < replicas ? lookAt : null },
    ...sick.map(({ name: instance, unwell }) => ({ text: `${instance}: ${unwell ?? ''}`, hint: lookAt })),
    ...(missing.length === 0
      ? []
      : [
          {
            text: `${name}: depends on ${inWords(missing)}: not serving`,
            hint: `deploy ${inWords(missing)} first`,
          },
        ]),
  ];
}

const serves = (one: SeenApplication | undefined): boolean =>
  one !== undefined && one.instances.some(({ unwell }) => unwell === null);

const inTenths = (amount: number): string => String(Math.round(amount * 10) / 10);
const inMebibytes = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MiB`;
