import { describe, expect, it } from 'vitest';
import {
  judgeEnvironment,
  type SeenApplication,
  type SeenEngine,
  type SeenEnvironment,
} from '#domain/containers/judge-environment.ts';
import type { EngineFacts } from '#domain/ports/container-engine.port.ts';

const MIB = 1024 ** 2;

const engine = (changes: Partial<EngineFacts> = {}, name = 'local'): SeenEngine => ({
  name,
  answer: {
    kind: 'facts',
    facts: {
      version: '20.10.24',
      apiVersion: '1.41',
      liveRestore: true,
      cpus: 4,
      memoryBytes: 4_096 * MIB,
      rootDirectory: '/var/lib/docker',
      freeBytes: 10_000 * MIB,
      ...changes,
    },
  },
});

const instance = (name: string, unwell: string | null = null, unreachable: string | null = null) => ({
  name,
  unwell,
  unreachable,
});

const shop = (changes: Partial<SeenApplication> = {}): SeenApplication => ({
  name: 'shop',
  replicas: 2,
  engines: ['local'],
  cpus: 0.5,
  memoryBytes: 256 * MIB,
  imageBytes: 100 * MIB,
  dependsOn: [],
  registry: { address: 'registry.example', why: null },
  instances: [instance('shop-7-1'), instance('shop-7-2')],
  ...changes,
});

const judge = (changes: Partial<SeenEnvironment> = {}) => {
  const seen = { engines: [engine()], router: { kind: 'facts' } as const, applications: [shop()], ...changes };
  const [resources, network, health] = judgeEnvironment(seen);
  return { resources, network, health };
};

describe('an environment as it should be', () => {
  it('passes all three checks, with a line for each thing', () => {
    const { resources, network, health } = judge();
    expect(resources).toEqual({
      name: 'resource_availability',
      kind: 'passed',
      findings: [
        'engine local: 2 of 4 CPUs asked for',
        'engine local: 1024 MiB of 4096 MiB memory asked for',
        'engine local: 10000 MiB of disk free, new images take 100 MiB',
      ],
      hint: '',
    });
    expect(network).toMatchObject({
      kind: 'passed',
      findings: [
        'router: answers',
        'registry registry.example: reachable',
        'shop-7-1: reachable',
        'shop-7-2: reachable',
      ],
    });
    expect(health).toMatchObject({ kind: 'passed', findings: ['shop: 2 of 2 instances well'] });
  });

  it('passes with nothing in it', () => {
    expect(judge({ applications: [] }).health).toMatchObject({ kind: 'passed', findings: ['nothing to look at yet'] });
  });
});

describe('resource_availability', () => {
  it('fails for an engine that does not answer', () => {
    const silent: SeenEngine = { name: 'far', answer: { kind: 'silent', why: 'connect ECONNREFUSED' } };
    expect(judge({ engines: [engine(), silent] }).resources).toMatchObject({
      kind: 'failed',
      findings: expect.arrayContaining(['engine far: connect ECONNREFUSED']) as string[],
      hint: 'start the engine, or correct its address in the environment (engines)',
    });
  });

  it('counts the largest application twice, because two versions run during a release', () => {
    const other = shop({ name: 'cart', replicas: 1, cpus: 1 });
    expect(judge({ applications: [shop(), other] }).resources?.findings[0]).toBe('engine local: 3 of 4 CPUs asked for');
    expect(judge({ applications: [shop({ cpus: 1.5 })] }).resources).toMatchObject({ kind: 'failed' });
  });

  it('counts on each engine only what runs there', () => {
    const spread = shop({ replicas: 3, engines: ['local', 'far'] });
    const { resources } = judge({ engines: [engine(), engine({}, 'far')], applications: [spread] });
    expect(resources?.findings.filter((line) => line.includes('CPUs'))).toEqual([
      'engine local: 2 of 4 CPUs asked for',
      'engine far: 1 of 4 CPUs asked for',
    ]);
  });

  it('fails for too little memory, and for too little disk', () => {
    expect(judge({ engines: [engine({ memoryBytes: 512 * MIB })] }).resources?.hint).toContain('more memory');
    expect(judge({ engines: [engine({ freeBytes: 200 * MIB })] }).resources?.hint).toContain('docker image prune');
    expect(judge({ engines: [engine({ freeBytes: null })] }).resources).toMatchObject({ kind: 'passed' });
  });
});

describe('network_connectivity', () => {
  it('fails for a router, a registry or an instance that does not answer', () => {
    const { network } = judge({
      router: { kind: 'silent', why: 'no socket' },
      applications: [
        shop({
          registry: { address: 'registry.example', why: 'no connection within 3000 ms' },
          instances: [instance('shop-7-1', 'x', 'EHOSTUNREACH')],
        }),
      ],
    });
    expect(network).toMatchObject({
      kind: 'failed',
      findings: [
        'router: no socket',
        'registry registry.example: no connection within 3000 ms',
        'shop-7-1: EHOSTUNREACH',
      ],
    });
    expect(network?.hint).toContain('let this machine reach registry.example');
  });
});

describe('service_health', () => {
  it('fails for instances that are unwell or missing', () => {
    const sick = shop({ instances: [instance('shop-7-1', '503 instead of 200')] });
    expect(judge({ applications: [sick] }).health).toEqual({
      name: 'service_health',
      kind: 'failed',
      findings: ['shop: 0 of 2 instances well', 'shop-7-1: 503 instead of 200'],
      hint: 'sluice app instances shop · sluice app logs shop',
    });
  });

  it('fails when what it depends on serves nobody', () => {
    const stock = shop({ name: 'stock', instances: [instance('stock-1-1', 'exited 1')] });
    const { health } = judge({ applications: [shop({ dependsOn: ['stock', 'tax'] }), stock] });
    expect(health?.findings).toContain('shop: depends on stock and tax: not serving');
    const well = shop({ name: 'stock' });
    expect(judge({ applications: [shop({ dependsOn: ['stock'] }), well] }).health).toMatchObject({ kind: 'passed' });
  });
});
