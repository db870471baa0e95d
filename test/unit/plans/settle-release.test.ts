import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { ConfigurationFile } from '#domain/environments/configuration.schema.ts';
import { environmentOf } from '#domain/environments/environment.ts';
import type { PresentRelease } from '#domain/plan/container-plan.ts';
import { ReleaseConfig } from '#domain/plan/release-file.schema.ts';
import { settleRelease, type ReleaseOptions } from '#domain/plan/settle-release.ts';
import { staleRelease } from '#domain/plan/stale-release.ts';

const PRESENT: PresentRelease = { release: 7, version: '1.0.0', digest: 'sha256:1', replicas: 4 };

interface Written {
  readonly config?: object;
  readonly environment?: object;
  readonly configuration?: string;
  readonly present?: PresentRelease | null;
}

function sourcesOf({ config = {}, environment = {}, configuration = '', present = PRESENT }: Written) {
  const written = {
    ...(parse(configuration) as object | null),
    environments: { e: { target: 'docker', ...environment } },
  };
  const all = ConfigurationFile.parse(written);
  const spec = all.environments?.['e'];
  if (!spec) throw new Error('no environment');
  return {
    config: ReleaseConfig.parse(config),
    replicas: 4,
    present,
    environment: environmentOf('e', spec),
    configuration: all,
  };
}

function options(written: Written): ReleaseOptions {
  const settled = settleRelease(sourcesOf(written));
  if (settled.kind === 'refused') throw new Error(JSON.stringify(settled.problems));
  return settled.options;
}

function problems(written: Written): string[] {
  const settled = settleRelease(sourcesOf(written));
  return settled.kind === 'refused' ? settled.problems.map(({ path, expected }) => `${path}: ${expected}`) : [];
}

const ids = ({ steps }: ReleaseOptions): string => steps.map(({ id }) => id).join(' ');
const bakes = ({ steps }: ReleaseOptions): number[] =>
  steps.flatMap((step) => (step.kind === 'bake' ? [step.durationMs] : []));
const gate = (written: Written, name: string) =>
  options(written).steps.find((step) => step.kind === 'gate' && step.gate === name);

describe('a release that says nothing', () => {
  it('rolls instance by instance behind the image’s own gate, watched each second', () => {
    const settled = options({});
    expect(settled.strategy).toEqual({ kind: 'rolling', maxSurge: 1, maxUnavailable: 0 });
    expect(ids(settled)).toMatch(/^gate-firmware_validation pull stage-1 verify-1 retire-1 bake-1 /);
    expect(settled.watch).toMatchObject({ everyMs: 1_000, criteria: { maxFailureRatePercent: 10 } });
    expect(settled.rules).toEqual({
      whileRunning: 'queue',
      badStable: 'go-on',
      progressDeadlineMs: 600_000,
      keptReleases: 5,
    });
  });

  it('takes the progress deadline of its environment, unless it has its own', () => {
    const environment = { progress_deadline: '20m' };
    expect(options({ environment }).rules.progressDeadlineMs).toBe(1_200_000);
    expect(options({ environment, config: { progress_deadline: '1m' } }).rules.progressDeadlineMs).toBe(60_000);
  });

  test.each([
    ['canary', [300_000, 300_000, 300_000, 300_000]],
    ['Blue-Green', [30_000]],
    ['RECREATE', []],
    ['immediate', []],
  ])('bakes as long as %s does', (strategy, expected) => {
    expect(bakes(options({ config: { strategy } }))).toEqual(expected);
  });

  it('goes out at once where nothing is in use, whatever strategy it asks for', () => {
    const settled = options({
      config: { strategy: 'canary' },
      present: null,
      environment: { approval_required: true },
    });
    expect(settled.strategy).toEqual({ kind: 'first' });
    expect(ids(settled)).toBe('gate-firmware_validation approve pull stage verify shift');
    expect(settled.notes).toEqual([expect.stringContaining('strategy canary is skipped')]);
  });
});

describe('gates of a release', () => {
  it('validate the image with what the environment requires beside it', () => {
    const check = { run: 'image_validation', requires: ['sbom'] };
    expect(gate({ environment: { image_requires: ['sbom'] } }, 'firmware_validation')).toMatchObject({
      check,
      required: true,
    });
  });

  it('that load the new version come once it is staged', () => {
    const config = {
      strategy: 'immediate',
      quality_gates: { pre_deployment: ['security_scan', 'performance_test'] },
      gates: {
        performance_test: { load: { path: '/buy', duration: '5s', requests_per_second: 9, maximum_p99: '80ms' } },
      },
    };
    expect(ids(options({ config }))).toBe(
      'gate-firmware_validation gate-security_scan pull stage verify gate-performance_test shift retire',
    );
    const load = { path: '/buy', durationMs: 5_000, requestsPerSecond: 9, maximumFailedPercent: 0, maximumP99Ms: 80 };
    expect(gate({ config }, 'performance_test')).toMatchObject({ required: true, check: { run: 'load_test', load } });
  });

  it('on devices’ hardware run nothing unless the release says what', () => {
    const listed = { quality_gates: { pre_deployment: ['device_compatibility_check'] } };
    expect(gate({ config: listed }, 'device_compatibility_check')).toMatchObject({
      required: false,
      check: { run: 'none' },
    });
    const config = { ...listed, gates: { device_compatibility_check: { command: 'true' } } };
    expect(gate({ config }, 'device_compatibility_check')).toMatchObject({ check: { run: 'command' } });
  });
});

describe('a judged release', () => {
  const configuration = `
    metric_templates: { errors: { provider: { type: haproxy, metric: error_rate_percent } } }
    analysis: { metrics: [{ template: errors }] }`;

  it('is judged after each bake by the configuration’s analysis', () => {
    const settled = options({ configuration, config: { strategy: 'canary', canary_steps: [50] } });
    expect(settled.analysis?.metrics.map(({ name }) => name)).toEqual(['errors']);
    expect(ids(settled)).toContain('shift-1 bake-1 judge-1 shift-2 bake-2 judge-2 retire');
    expect(settled.notes).toContain('canary_steps end at 50: 100 % follows');
  });

  it('is not where its file switches that off, or where nothing is in use', () => {
    expect(options({ configuration, config: { analysis: null } }).analysis).toBeNull();
    expect(options({ configuration, present: null })).toMatchObject({ analysis: null });
  });

  it('needs templates that exist', () => {
    expect(problems({ config: { analysis: { metrics: [{ template: 'nope' }] } } })).toEqual([
      'config.analysis.metrics[0].template: the name of a known metric template',
    ]);
  });
});

describe('a release that is refused', () => {
  test.each<[string, Written, string]>([
    [
      'an unknown strategy',
      { config: { strategy: 'rollin' } },
      'config.strategy: one of rolling, blue_green, canary, recreate, immediate',
    ],
    ['no room to roll', { config: { max_surge: 0 } }, 'config.max_surge: max_surge or max_unavailable above 0'],
    [
      'fewer approvals than its environment asks for',
      { environment: { approval_required: true, approvals: { quorum: 2 } }, config: { approvals: { quorum: 1 } } },
      'config.approvals.quorum: at least 2',
    ],
    [
      'a gate that nothing lists',
      { config: { gates: { lab: { command: 'true' } } } },
      'config.gates.lab: a gate that quality_gates lists',
    ],
    [
      'a hook by a path that leads nowhere',
      { config: { hooks: { after: [{ name: 'warm', http: { endpoint: '/warm' }, compensation: 'none' }] } } },
      'config.hooks.after[0].http.endpoint: an absolute endpoint for warm, or an environment with health_check_url',
    ],
  ])('for %s', (_what, written, expected) => {
    expect(problems(written)).toEqual([expected]);
  });
});

describe('a planned release whose rules were tightened since', () => {
  const plan = options({});

  test.each<[string, Written, string[]]>([
    ['still holds under the same rules', {}, []],
    ['lacks an approval', { environment: { approval_required: true } }, ['it has to be approved']],
    [
      'lacks a gate',
      { configuration: 'quality_gates: { pre_deployment: [scan] }\ngates: { scan: { command: "true" } }' },
      ['gate scan has to be scan, required before the first wave, the plan has no such gate'],
    ],
  ])('%s', (_what, written, expected) => {
    expect(staleRelease(plan, sourcesOf(written))).toEqual(expected);
  });
});
