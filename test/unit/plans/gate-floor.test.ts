import { describe, expect, it, test } from 'vitest';
import { gates, ids, options, problems } from '../../support/plans/settled-plan.ts';

const configuration = `
quality_gates:
  pre_deployment: [firmware_validation, security_scan, { name: performance_test, required: true }]
  post_deployment: [functionality_test, user_acceptance_test]
gates:
  security_scan: { manual: { quorum: 2, role: approver, expires_in: 1h } }
  functionality_test: { command: "test --all", timeout: 5m }
  user_acceptance_test: { command: "ask", required: false }
`;
const stepsOf = (plan: object) => options({ configuration, plan });

describe('a gate that the configuration requires', () => {
  it('stays when the plan’s lists leave it out, and that is said', () => {
    const { steps, notes } = stepsOf({
      quality_gates: { pre_deployment: [], post_deployment: ['performance_validation'] },
    });
    expect(ids(gates(steps))).toEqual([
      'gate-firmware_validation',
      'gate-device_compatibility_check',
      'gate-security_scan',
      'gate-performance_test',
      'gate-functionality_test',
      'gate-performance_validation',
    ]);
    expect(gates(steps).find(({ gate }) => gate === 'security_scan')).toMatchObject({
      required: true,
      check: { run: 'manual', policy: { quorum: 2, role: 'approver', expiresInMs: 3_600_000 } },
    });
    expect(notes).toEqual([
      'gate security_scan stays before the first wave: the configuration requires it',
      'gate performance_test stays before the first wave: the configuration requires it',
      'gate functionality_test stays after the last wave: the configuration requires it',
    ]);
  });

  it('stays where it stands when the plan lists it in the other place only', () => {
    const { steps } = stepsOf({ quality_gates: { pre_deployment: [], post_deployment: ['security_scan'] } });
    expect(ids(gates(steps)).filter((id) => id.includes('security'))).toEqual([
      'gate-security_scan',
      'gate-post-security_scan',
    ]);
  });

  it('is nobody’s business where the plan leaves the lists alone', () => {
    expect(stepsOf({}).notes).toEqual([]);
    expect(gates(stepsOf({}).steps)).toHaveLength(6);
  });

  test.each([
    [
      'fewer and other people',
      { security_scan: { manual: { quorum: 1, role: 'intern' } } },
      [
        'gates.security_scan.manual.quorum: at least 2',
        'gates.security_scan.manual.role: approver',
        'gates.security_scan.manual.expires_in: at most 1 h',
      ],
    ],
    [
      'a command instead of people',
      { security_scan: { command: 'true' } },
      ['gates.security_scan.manual: people to decide'],
    ],
    [
      'another command',
      { functionality_test: { command: 'true' } },
      ['gates.functionality_test.command: the command "test --all"'],
    ],
    [
      'nothing',
      { functionality_test: { timeout: '5m' } },
      ['gates.functionality_test.command: the command "test --all"'],
    ],
    [
      'more time',
      { functionality_test: { command: 'test --all', timeout: '6m' } },
      ['gates.functionality_test.timeout: at most 5 min'],
    ],
    [
      'the same, not required',
      { functionality_test: { command: 'test --all', required: false } },
      ['gates.functionality_test.required: functionality_test, required after the last wave'],
    ],
  ])('cannot be given %s by a plan', (_what, defined, expected) => {
    expect(problems({ configuration, plan: { gates: defined } })).toEqual(expected);
  });

  it('cannot be listed as not required by a plan', () => {
    const plan = {
      quality_gates: { pre_deployment: [{ name: 'security_scan', required: false }, 'performance_test'] },
    };
    expect(problems({ configuration, plan })).toEqual([
      'quality_gates.pre_deployment[0]: security_scan, required before the first wave',
    ]);
  });

  it('may be made harder to pass, and one without anything to run may be given something', () => {
    const plan = {
      gates: {
        security_scan: { manual: { quorum: 3, expires_in: '30m' } },
        functionality_test: { command: 'test --all', timeout: '1m' },
        performance_test: { command: 'measure' },
      },
    };
    const checks = gates(options({ configuration, plan }).steps).map(({ gate, check }) => [gate, check.run]);
    expect(checks).toContainEqual(['performance_test', 'command']);
    expect(problems({ configuration, plan })).toEqual([]);
  });

  it('keeps the role of its environment where the plan sets another for its own approvals', () => {
    const manual = 'quality_gates: { pre_deployment: [security_scan] }\ngates: { security_scan: { manual: true } }';
    const { steps } = options({ configuration: manual, plan: { approvals: { role: 'friend', before_waves: [1] } } });
    expect(gates(steps).find(({ gate }) => gate === 'security_scan')?.check).toMatchObject({
      policy: { role: 'approver' },
    });
  });
});

describe('a command with variables that the configuration requires', () => {
  const withEnv = `
quality_gates: { post_deployment: [lab] }
gates: { lab: { command: probe, env: { LEVEL: high, TOKEN: { secretRef: "env:TOKEN" } } } }
`;
  const lab = (env?: object) => ({ gates: { lab: { command: 'probe', ...(env && { env }) } } });
  test.each([
    ['none of them', undefined],
    ['others beside them', { LEVEL: 'high', TOKEN: { secretRef: 'env:TOKEN' }, SKIP: '1' }],
    ['other values', { LEVEL: 'low', TOKEN: { secretRef: 'env:TOKEN' } }],
  ])('cannot be run by a plan with %s', (_what, env) => {
    expect(problems({ configuration: withEnv, plan: lab(env) })).toEqual(['gates.lab.env: LEVEL, TOKEN']);
  });

  it('may be repeated as it is', () => {
    const same = { TOKEN: { secretRef: 'env:TOKEN' }, LEVEL: 'high' };
    expect(problems({ configuration: withEnv, plan: lab(same) })).toEqual([]);
  });
});

describe('a request that the configuration requires', () => {
  const http = `
quality_gates: { post_deployment: [lab] }
gates: { lab: { http: { endpoint: "https://lab.example/ok", retry_count: 2, timeout: 10 } } }
`;
  const lab = (over: object) => ({
    gates: { lab: { http: { endpoint: 'https://lab.example/ok', retry_count: 2, timeout: 10, ...over } } },
  });

  test.each([
    [
      'another address',
      { endpoint: 'https://other.example/' },
      'gates.lab.http: GET https://lab.example/ok to answer 200',
    ],
    ['another status', { expected_status: 503 }, 'gates.lab.http: GET https://lab.example/ok to answer 200'],
    ['headers of its own', { headers: { 'X-Mock': 'yes' } }, 'gates.lab.http.headers: none'],
    ['more tries', { retry_count: 20 }, 'gates.lab.http.retry_count: at most 2'],
    ['slower answers', { timeout: 60 }, 'gates.lab.http.timeout: at most 10 s'],
  ])('cannot be satisfied with %s', (_what, over, problem) => {
    expect(problems({ configuration: http, plan: lab(over) })).toEqual([problem]);
  });

  it('may be made stricter', () => {
    expect(problems({ configuration: http, plan: lab({ retry_count: 0, timeout: 5 }) })).toEqual([]);
  });
});

describe('health checks after the last wave that the configuration lists', () => {
  const listed = `
health_checks: { api: { type: http, endpoint: "https://api.example/" } }
quality_gates: { post_deployment: [health_check] }
`;
  it('may be others in a plan, but not none', () => {
    const own = [{ name: 'own', type: 'http', endpoint: 'https://own.example/' }];
    expect(problems({ configuration: listed, plan: { health_checks: own } })).toEqual([]);
    expect(problems({ configuration: listed, plan: { health_checks: [] } })).toEqual(['health_checks: a health check']);
  });
});

describe('the built-in first gates', () => {
  test.each(['firmware_validation', 'device_compatibility_check'])('cannot be switched off: %s', (name) => {
    const problem = [`gates.${name}.required: ${name} to be required`];
    expect(problems({ configuration: `gates: { ${name}: { required: false } }` })).toEqual(problem);
    expect(
      problems({ plan: { gates: { [name]: { required: false } }, quality_gates: { pre_deployment: [name] } } }),
    ).toEqual(problem);
  });
});
