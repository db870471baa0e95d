// What programs read of `env observe` and `env validate`: the names are a contract.
import type {
  EnvironmentCheck,
  ObservedApplication,
  ObservedEngine,
  ObservedEnvironment,
} from '#domain/ports/container-operations.port.ts';
import { instanceDocument } from '../applications/application-document.ts';

type Document = Record<string, unknown>;

export const observationDocument = ({
  environment,
  engines,
  router,
  applications,
  rebuilt,
}: ObservedEnvironment): Document => ({
  environment,
  engines: engines.map(engineDocument),
  router:
    router.kind === 'silent'
      ? { answers: false, why: router.why }
      : { answers: true, version: router.facts.version, pid: router.facts.pid, uptime: router.facts.uptimeSeconds },
  applications: applications.map(applicationDocument),
  rebuilt,
});

function engineDocument({ name, answer }: ObservedEngine): Document {
  if (answer.kind === 'silent') return { name, answers: false, why: answer.why };
  const { version, apiVersion, liveRestore, cpus, memoryBytes, freeBytes } = answer.facts;
  return {
    name,
    answers: true,
    version,
    api_version: apiVersion,
    live_restore: liveRestore,
    cpus,
    memory_bytes: memoryBytes,
    free_bytes: freeBytes,
  };
}

const applicationDocument = (one: ObservedApplication): Document => ({
  application: one.application,
  address: one.address && `http://${one.address.host}:${one.address.port}`,
  weight_percent: one.canaryBasisPoints / 100,
  instances: one.instances.map(instanceDocument),
});

export const validationDocument = (environment: string, checks: readonly EnvironmentCheck[]): Document => ({
  environment,
  valid: checks.every(({ kind }) => kind === 'passed'),
  checks,
});
