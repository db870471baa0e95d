import { describe, expect, it, test } from 'vitest';
import { approvals, gates, ids, offers, options, problems, type Written } from '../../support/plans/settled-plan.ts';

describe('a plan that says nothing else', () => {
  it('takes the waves of its strategy between the built-in gates, each baked', () => {
    expect(ids(options({}).steps)).toEqual([
      'gate-firmware_validation',
      'gate-device_compatibility_check',
      ...['offer-1', 'bake-1', 'offer-2', 'bake-2', 'offer-3', 'bake-3'],
    ]);
  });

  it('has the documented defaults', () => {
    const { steps, watch, confirmation } = options({});
    expect(offers(steps)[0]).toMatchObject({
      label: '10 %',
      waves: 3,
      deadlineMs: 3_600_000,
      successThresholdPercent: 90,
      maximumPerMinute: null,
    });
    expect(steps.find(({ kind }) => kind === 'bake')).toMatchObject({ durationMs: 300_000 });
    expect(watch).toEqual({
      everyMs: 5_000,
      criteria: { maxFailureRatePercent: 10, minimumExecuted: 10, onHealthCheckFailure: true },
      healthChecks: [],
    });
    expect(confirmation).toEqual({ mode: 'succeeded', confirmWithinMs: 600_000, inProgressTimeoutMs: 3_600_000 });
  });
});

describe('who wins', () => {
  it('is the plan file over the configuration over the default', () => {
    const configuration =
      'performance: { deployment_timeout: 600 }\nrollback_criteria: { max_failure_rate: 20, minimum_executed: 3 }';
    const configured = options({ configuration });
    expect(offers(configured.steps)[0]?.deadlineMs).toBe(600_000);
    expect(configured.confirmation.inProgressTimeoutMs).toBe(600_000);
    expect(configured.watch.criteria).toMatchObject({ maxFailureRatePercent: 20, minimumExecuted: 3 });
    const planned = options({
      configuration,
      plan: { timeouts: { deployment: '2h' }, rollback_criteria: { max_failure_rate: null } },
    });
    expect(offers(planned.steps)[0]?.deadlineMs).toBe(7_200_000);
    expect(planned.confirmation.inProgressTimeoutMs).toBe(3_600_000);
    expect(planned.watch.criteria).toMatchObject({ maxFailureRatePercent: null, minimumExecuted: 3 });
  });

  it('is the plan file over the environment for the progress deadline, which devices have only when somebody asks', () => {
    const deadlines = (written: Written) => offers(options(written).steps).map((one) => one.progressDeadlineMs);
    const environment = { progress_deadline: '20m' };
    expect(deadlines({})).toEqual([undefined, undefined, undefined]);
    expect(deadlines({ environment })).toEqual([1_200_000, 1_200_000, 1_200_000]);
    expect(deadlines({ environment, plan: { progress_deadline: '5m' } })).toEqual([300_000, 300_000, 300_000]);
    expect(deadlines({ environment, plan: { progress_deadline: null } })).toEqual([undefined, undefined, undefined]);
  });

  it('says when a wave ends before its progress deadline could come', () => {
    const notes = (written: Written) => options(written).notes.filter((note) => note.includes('progress_deadline'));
    expect(notes({ plan: { progress_deadline: '1h' } })).toHaveLength(1);
    expect(notes({ plan: { progress_deadline: '59m' } })).toEqual([]);
    expect(notes({ plan: { progress_deadline: '2h', timeouts: { deployment: '3h' } } })).toEqual([]);
  });

  it('is the environment over the configuration for health checks, and the plan over both', () => {
    const configuration =
      'health_checks: { a: { type: http, endpoint: "http://a/" }, b: { type: mqtt, broker: "mqtt://b", topic: t } }';
    const names = (written: Written) =>
      options({ configuration, ...written }).watch.healthChecks.map(({ name }) => name);
    expect(names({})).toEqual(['a', 'b']);
    expect(names({ environment: { health_checks: ['b'] } })).toEqual(['b']);
    expect(names({ environment: { health_checks: ['b'] }, plan: { health_checks: ['a'] } })).toEqual(['a']);
    expect(names({ plan: { health_checks: [] } })).toEqual([]);
    expect(names({ plan: { health_checks: [{ name: 'own', type: 'http', endpoint: 'http://own/' }] } })).toEqual([
      'own',
    ]);
  });
});

describe('health checks', () => {
  const configuration =
    'health_checks: { api: { type: http, endpoint: /health }, db: { type: database, connection_string: { secretRef: "env:DB" } } }';

  it('resolve a path against the origin of the environment’s address, and are a gate after the last wave', () => {
    const { watch, steps } = options({
      configuration,
      environment: { health_check_url: 'https://api.example:3002/other' },
    });
    expect(watch.healthChecks).toMatchObject([
      {
        name: 'api',
        url: 'https://api.example:3002/health',
        method: 'GET',
        expectedStatus: 200,
        retryCount: 3,
        timeoutMs: 300_000,
      },
      { name: 'db', type: 'database', connectionString: { secretRef: 'env:DB' }, query: 'SELECT 1' },
      { name: 'health_check_url', url: 'https://api.example:3002/other' },
    ]);
    expect(ids(steps).at(-1)).toBe('gate-health_check');
  });

  it('ask the environment’s own address once', () => {
    const { watch } = options({ configuration, environment: { health_check_url: 'https://api.example/health' } });
    expect(watch.healthChecks.map(({ name }) => name)).toEqual(['api', 'db']);
  });

  it('that need an origin apply only where there is one', () => {
    const { watch, notes } = options({ configuration });
    expect(watch.healthChecks.map(({ name }) => name)).toEqual(['db']);
    expect(notes).toEqual([]);
  });

  it('take the plan’s time-out before their own', () => {
    const timed = `${configuration}\nperformance: { health_check_timeout: 7 }`;
    const environment = { health_check_url: 'https://api.example/health' };
    const timeoutOf = (plan: object) =>
      options({ configuration: timed, environment, plan }).watch.healthChecks[0]?.timeoutMs;
    expect(timeoutOf({})).toBe(7_000);
    expect(timeoutOf({ timeouts: { health_check: '9s' } })).toBe(9_000);
  });
});

describe('approvals', () => {
  const asked = { approval_required: true };

  it('open the first wave where the environment asks, by one approver unless it says otherwise', () => {
    expect(approvals(options({ environment: asked }).steps)).toEqual([
      {
        kind: 'approve',
        id: 'approve-1',
        opens: 'wave 1 (10 %)',
        policy: { quorum: 1, role: 'approver', expiresInMs: null },
      },
    ]);
    expect(approvals(options({}).steps)).toEqual([]);
    const environment = { ...asked, approvals: { quorum: 2, role: 'lead', expires_in: '1d', before_waves: [3] } };
    const steps = approvals(options({ environment }).steps);
    expect(steps.map(({ opens }) => opens)).toEqual(['wave 1 (10 %)', 'wave 3 (100 %)']);
    expect(steps[0]?.policy).toEqual({ quorum: 2, role: 'lead', expiresInMs: 86_400_000 });
  });

  it('stand right before the wave that they open', () => {
    const { steps } = options({ plan: { approvals: { before_waves: [2] } } });
    expect(ids(steps).slice(2, 6)).toEqual(['offer-1', 'bake-1', 'approve-2', 'offer-2']);
  });

  it('of strategy immediate are its own where the environment asks at all', () => {
    const configuration = 'approvals: { immediate: { quorum: 3, role: owner } }';
    const plan = { strategy: 'IMMEDIATE' };
    expect(approvals(options({ plan, configuration, environment: asked }).steps)[0]?.policy).toMatchObject({
      quorum: 3,
      role: 'owner',
    });
    expect(approvals(options({ plan, configuration }).steps)).toEqual([]);
  });

  test.each([
    ['fewer people', { quorum: 1 }, 'approvals.quorum: at least 2'],
    ['another role', { role: 'friends' }, 'approvals.role: approver'],
  ])('cannot be weakened by the plan’s author to %s', (_what, weaker, problem) => {
    const environment = { ...asked, approvals: { quorum: 2, role: 'approver' } };
    expect(problems({ environment, plan: { approvals: weaker } })).toEqual([problem]);
    expect(approvals(options({ environment, plan: { approvals: { quorum: 3 } } }).steps)[0]?.policy.quorum).toBe(3);
  });

  it('name waves that exist', () => {
    expect(problems({ plan: { strategy: 'immediate', approvals: { before_waves: [2] } } })).toEqual([
      'approvals.before_waves: waves from 1 to 1',
    ]);
  });
});

describe('gates', () => {
  it('run what gates: gives them, in the order listed', () => {
    const { steps } = options({
      plan: {
        quality_gates: {
          pre_deployment: ['security_scan', { name: 'performance_test', required: true }],
          post_deployment: ['lab'],
        },
        gates: {
          security_scan: { command: 'scan --all', timeout: '1m' },
          lab: { manual: { quorum: 2, role: 'lab' }, required: false },
        },
      },
    });
    expect(gates(steps).map(({ gate, phase, required, check }) => [gate, phase, required, check])).toEqual([
      ['firmware_validation', 'pre', true, { run: 'firmware_validation' }],
      ['device_compatibility_check', 'pre', true, { run: 'device_compatibility_check' }],
      ['security_scan', 'pre', true, { run: 'command', command: ['sh', '-c', 'scan --all'], timeoutMs: 60_000 }],
      ['performance_test', 'pre', true, { run: 'none' }],
      ['lab', 'post', false, { run: 'manual', policy: { quorum: 2, role: 'lab', expiresInMs: null } }],
    ]);
  });

  it('without anything to run are not required unless the plan says so', () => {
    const configuration = 'quality_gates: { post_deployment: [functionality_test] }';
    expect(gates(options({ configuration }).steps).at(-1)).toMatchObject({ required: false, check: { run: 'none' } });
  });

  it('keep names apart that stand before and after', () => {
    const plan = { quality_gates: { pre_deployment: ['health_check'], post_deployment: ['health_check'] } };
    expect(ids(options({ plan }).steps).filter((id) => id.includes('health'))).toEqual([
      'gate-health_check',
      'gate-post-health_check',
    ]);
  });

  test.each([
    ['one that nothing lists', { gates: { lab: { command: 'x' } } }, 'gates.lab: a gate that quality_gates lists'],
    [
      'one that is not defined',
      { quality_gates: { pre_deployment: ['lab'] } },
      'quality_gates.pre_deployment[0]: the name of a known gate',
    ],
    [
      'a built-in one overridden',
      { quality_gates: { pre_deployment: ['health_check'] }, gates: { health_check: { command: 'true' } } },
      'gates.health_check: no command, http, manual or load: this gate is built in',
    ],
    [
      'a request without an address',
      { quality_gates: { pre_deployment: ['lab'] }, gates: { lab: { http: { endpoint: '/x' } } } },
      'gates.lab.http.endpoint: an absolute endpoint for lab, or an environment with health_check_url',
    ],
  ])('refuse %s', (_what, plan, problem) => {
    expect(problems({ plan })).toEqual([problem]);
  });
});

describe('waves', () => {
  test.each([
    ['with strategy immediate', { strategy: 'immediate', waves: [10, 100] }, 'waves: no waves with strategy immediate'],
    [
      'that end elsewhere than the rollout',
      { waves: [10, 50], rollout_percentage: 100 },
      'rollout_percentage: 50, as the last wave',
    ],
  ])('are refused %s', (_what, plan, problem) => {
    expect(problems({ plan })).toEqual([problem]);
  });

  it('refuse a canary larger than the rollout, and a strategy that does not exist', () => {
    expect(problems({ plan: { canary_percentage: 60, rollout_percentage: 50 } })).toEqual([
      'canary_percentage: at most rollout_percentage (50)',
    ]);
    expect(problems({ plan: { strategy: 'canry' } })).toEqual([
      'strategy: one of canary, rolling, immediate, blue_green',
    ]);
  });

  it('say which percentage has no effect', () => {
    expect(options({ plan: { strategy: 'rolling', canary_percentage: 10 } }).notes).toEqual([
      'canary_percentage is not used by strategy rolling',
    ]);
  });
});
