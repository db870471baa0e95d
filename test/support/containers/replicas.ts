// What the tests of engines create.
import { createHash } from 'node:crypto';
import type { ContainerSpec } from '#domain/containers/container-spec.ts';
import type { ContainerLabels } from '#domain/containers/labels.ts';
import type { NewReplica } from '#domain/ports/container-engine.port.ts';

export const PORT = 8080;

const SPEC: ContainerSpec = {
  image: '',
  port: PORT,
  env: {},
  command: null,
  mounts: [],
  networks: [],
  limits: { cpus: null, memoryBytes: null },
  stopGraceMs: 5_000,
  engineHealthCheck: null,
};

export interface Wanted {
  readonly spec: Partial<ContainerSpec> & { readonly image: string };
  readonly labels?: Partial<ContainerLabels>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A replica of application `shop` in environment `test`, by its labels; the spec's digest is made of the spec. */
export function newReplica({ spec: changed, labels: given = {}, env = {} }: Wanted): NewReplica {
  const spec = { ...SPEC, ...changed };
  const labels: ContainerLabels = {
    environment: 'test',
    application: 'shop',
    version: '1.0.0',
    release: 1,
    replica: 1,
    run: 'run-1',
    step: 'stage',
    generation: 1,
    spec: createHash('sha256').update(JSON.stringify(spec)).digest('hex'),
    plan: 'plan-1',
    ...given,
  };
  // Engines take any name.
  const name = `${labels.application}-${labels.release}-${labels.replica}`;
  return { name, spec, env: { NAME: name, ...env }, labels };
}
