import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGroup } from '../../../client/engine/groups/create-group.ts';
import { loadEnvironment, listEnvironments } from '../../../client/engine/environments/load-environment.ts';
import { loadConfiguration } from '../../../client/engine/environments/load-configuration.ts';
import { loadPeople } from '../../../client/engine/environments/load-people.ts';
import { daily } from '../../support/windows/window-builder.ts';
import { openPlanningWorld, type PlanningWorld } from '../../support/plans/planning-world.ts';

let world: PlanningWorld;
beforeAll(async () => {
  world = await openPlanningWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  await (await world.deps.database()).query('truncate configuration, environments');
});

const stored = async (): Promise<string> => {
  const database = await world.deps.database();
  const { rows } = await database.query(
    'select (select json_agg(c) from configuration c) as sections, (select json_agg(e) from environments e) as environments',
  );
  return JSON.stringify(rows[0]);
};

const WHOLE_CONFIGURATION = `
global: { organization: "Your Organization", project: "Device Management Platform", notification_channels: [email, slack] }
environments:
  production:
    name: "Production"
    stage: "production"
    description: "Production environment"
    api_endpoints: { device_service: "https://api.company.com:3002", ota_service: "https://api.company.com:3003" }
    approval_required: true
    auto_rollback: true
    health_check_url: "https://api.company.com:3002/health"
    deployment_window: { start_time: "02:00", end_time: "06:00", timezone: "UTC" }
    device_groups: [field]
    notification_channels: [email]
    max_concurrent_deployments: 2
    rollback_timeout: 1800
health_checks:
  api_health: { type: "http", endpoint: "/health", method: "GET", timeout: 30, expected_status: 200, retry_count: 3 }
  device_connectivity: { type: "mqtt", broker: "mqtt://broker.company.com:1883", topic: "health/check", timeout: 60 }
  database_health: { type: "database", connection_string: "postgresql://user:pass@db:5432/devicedb", query: "SELECT 1", timeout: 10 }
notifications:
  email: { enabled: true, smtp_server: "smtp.gmail.com", smtp_port: 587, use_tls: true, from_email: "noreply@company.com", recipients: ["admin@company.com"] }
  slack: { enabled: true, webhook_url: "https://hooks.slack.com/services/A", channel: "#deployments", username: "DeploymentBot", icon_emoji: ":rocket:" }
  webhook: { enabled: true, url: "https://api.company.com/hook", method: "POST", headers: { Content-Type: "application/json", Authorization: "Bearer YOUR_TOKEN" } }
quality_gates:
  pre_deployment: [firmware_validation, device_compatibility_check, security_scan, performance_test]
  post_deployment: [health_check, functionality_test, performance_validation, user_acceptance_test]
rollback_criteria: { max_failure_rate: 10, health_check_failure: true, performance_degradation: 20, user_reported_issues: 5 }
security:
  api_key_auth: true
  jwt_secret: "your-jwt-secret-key"
  rate_limiting: { enabled: true, max_requests: 100, window_seconds: 60 }
  ip_whitelist: ["192.168.1.0/24", "10.0.0.0/8"]
  encryption: { enabled: true, algorithm: "AES-256-GCM", key_rotation_days: 30 }
logging: { audit_logging: true, log_level: "INFO", log_file: "deployment-audit.log", detailed_logging: true, verbose_output: true }
alerting: { rules: [{ name: "r", condition: "deployment_failure_rate > 0.1", severity: "warning", message: "too many" }] }
performance: { max_concurrent_deployments: 5, deployment_timeout: 3600, health_check_timeout: 300, worker_threads: 20 }
cache: { enabled: true, cache_type: "redis", redis_url: "redis://localhost:6379/0", default_ttl: 3600 }
database: { connection_string: "postgresql://user:pass@localhost:5432/deploymentdb", pool_size: 20, max_overflow: 30, pool_timeout: 30 }
`;

describe('applying a whole configuration, with every section of the specification', () => {
  it('stores it, and says what has no effect yet', async () => {
    const applied = await world.apply(WHOLE_CONFIGURATION);
    expect(applied.environments).toEqual({ created: ['production'], updated: [], unchanged: [] });
    expect(applied.notUsedYet).toEqual([
      'global',
      'notifications',
      'security',
      'logging',
      'alerting',
      'cache',
      'database',
      'performance.worker_threads',
      'rollback_criteria.performance_degradation (of devices)',
      'rollback_criteria.user_reported_issues (of devices)',
      'environments.*.api_endpoints',
      'environments.*.notification_channels',
    ]);
    expect(applied.notes).toEqual([
      'environment production asks for 1 of role approver, and people: names 0 with it',
      'environment production: there is no group field yet (sluice group create field --filter CEL)',
    ]);
    expect(await loadEnvironment(world.deps, 'production')).toMatchObject({
      title: 'Production',
      stage: 'production',
      deviceGroups: ['field'],
      approvalRequired: true,
      autoRollback: true,
      windows: [daily('02:00', '06:00', { name: 'deployment_window' })],
      maxConcurrentDeployments: 2,
      rollbackTimeoutMs: 1_800_000,
    });
  });

  it('moves every inline secret into a file of its own that only this user reads', async () => {
    const { secrets } = await world.apply(WHOLE_CONFIGURATION);
    expect(secrets.map(({ path }) => path).sort()).toEqual([
      'cache.redis_url',
      'database.connection_string',
      'health_checks.database_health.connection_string',
      'notifications.slack.webhook_url',
      'notifications.webhook.headers.Authorization',
      'notifications.webhook.url',
      'security.jwt_secret',
    ]);
    const file = join(world.folder, 'secrets/health_checks.database_health.connection_string');
    expect(readFileSync(file, 'utf8')).toBe('postgresql://user:pass@db:5432/devicedb');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(world.folder, 'secrets')).mode & 0o777).toBe(0o700);
    const inDatabase = await stored();
    for (const secret of ['user:pass', 'your-jwt-secret-key', 'YOUR_TOKEN', 'services/A']) {
      expect(inDatabase).not.toContain(secret);
    }
  });

  it.each([
    ['database', 'connection_string', 'postgresql://user:hunter2/x@db:5432/d'],
    ['database', 'connection_string', 'Server=db;Database=d;Uid=u;Pwd=hunter2'],
    ['database', 'connection_string', 'postgresql://user:a#hunter2@db/d'],
    ['database', 'connection_string', 'postgresql://u:hunter2@h1:5432,h2:5432/d'],
    ['database', 'connection_string', 'postgresql://db/hunter2'],
    ['cache', 'redis_url', 'redis://u:hunter2@h1:6379,h2:6379/0'],
    ['cache', 'redis_url', 'localhost:6379,password=hunter2,ssl=True'],
    ['notifications.webhook', 'url', 'https://host/hook?token=hunter2'],
    ['notifications.webhook', 'url', 'https://host/hook/hunter2'],
    ['notifications.webhook.headers', 'X-Hook', 'hunter2'],
    ['notifications.slack', 'webhook_url', 'https://hooks.slack.com/services/hunter2'],
    ['health_checks.db', 'connection_string', 'host=db user=u dbname=hunter2'],
    ['health_checks.link', 'broker', 'mqtt://u:p@hunter2@host:1883'],
    ['health_checks.api.headers', 'X-Auth', 'hunter2'],
    ['gates.scan.env', 'SCAN_PASSWORD', 'hunter2'],
    ['gates.web.http.headers', 'Authorization', 'Basic hunter2'],
  ])('keeps no part of %s.%s: %s', async (place, key, value) => {
    const others: Record<string, object> = {
      'health_checks.db': { type: 'database' },
      'health_checks.link': { type: 'mqtt', topic: 't' },
      'health_checks.api.headers': { type: 'http', endpoint: 'http://h/' },
      'gates.scan.env': { command: 'true' },
      'gates.web.http.headers': { endpoint: 'http://h/' },
    };
    const [section = '', ...names] = place.split('.');
    const last = place.endsWith('.headers') || place.endsWith('.env') ? names.pop() : undefined;
    const inner = { ...others[place], ...(last === undefined ? { [key]: value } : { [last]: { [key]: value } }) };
    const document = { [section]: names.reduceRight<object>((nested, name) => ({ [name]: nested }), inner) };
    const { secrets } = await world.apply(JSON.stringify(document));
    expect(secrets).toHaveLength(1);
    expect(await stored()).not.toContain('hunter2');
    const file = secrets[0]?.secretRef.slice('file:'.length) ?? '';
    expect(readFileSync(join(world.folder, file), 'utf8')).toContain('hunter2');
  });

  it('changes nothing when the same file is applied again', async () => {
    await world.apply(WHOLE_CONFIGURATION);
    const before = await stored();
    const again = await world.apply(WHOLE_CONFIGURATION);
    expect(again.environments).toEqual({ created: [], updated: [], unchanged: ['production'] });
    expect(await stored()).toBe(before);
  });
});

describe('applying parts', () => {
  it('replaces the sections given, keeps the others and merges environments by name', async () => {
    await world.apply(
      'environments: { a: { stage: testing }, b: {} }\nperformance: { deployment_timeout: 60 }\npeople: { ada: { roles: [approver] } }',
    );
    await world.apply('environments: { b: { description: "changed" } }\npeople: { grace: { roles: [admin] } }');
    const { configuration } = await loadConfiguration(await world.deps.database());
    expect(configuration.performance?.deployment_timeout).toBe(60_000);
    const environments = await listEnvironments(world.deps);
    expect(environments.map(({ name, description, stage }) => [name, description, stage])).toEqual([
      ['a', '', 'testing'],
      ['b', 'changed', 'development'],
    ]);
    expect(await loadPeople(world.deps)).toEqual({ grace: { roles: ['admin'] } });
  });

  it('keeps both of two files that are applied at once', async () => {
    await Promise.all([
      world.apply('performance: { worker_threads: 2 }'),
      world.apply('people: { ada: { roles: [approver] } }'),
    ]);
    const { configuration } = await loadConfiguration(await world.deps.database());
    expect(configuration).toMatchObject({
      performance: { worker_threads: 2 },
      people: { ada: { roles: ['approver'] } },
    });
  });
});

it('says which groups do not exist yet, and which were meant', async () => {
  await createGroup(world.deps, { name: 'bench', filter: 'device.tags.site == "bench"' });
  const { notes } = await world.apply(
    'environments: { a: { device_groups: [bench, field] }, b: { device_groups: [bnech] }, c: {} }',
  );
  expect(notes).toEqual([
    'environment a: there is no group field yet (sluice group create field --filter CEL)',
    'environment b: there is no group bnech yet (did you mean bench?)',
  ]);
});

it('takes over what stands at an anchor', async () => {
  await world.apply(`
environments:
  staging: &common { approval_required: true, rollback_timeout: 60 }
  production: { <<: *common, rollback_timeout: 120 }`);
  expect(await loadEnvironment(world.deps, 'production')).toMatchObject({
    approvalRequired: true,
    rollbackTimeoutMs: 120_000,
  });
});

describe('approvals that too few people can give', () => {
  const people = 'people: { ada: { roles: [approver] }, eve: { roles: [owner] } }';
  it.each([
    ['in general', '{ quorum: 2 }', ['2 of role approver, and people: names 1 with it']],
    [
      'only where everything goes out at once',
      '{ immediate: { quorum: 2, role: owner } }',
      ['2 of role owner where everything goes out at once, and people: names 1 with it'],
    ],
    ['nowhere', '{ immediate: { role: owner } }', []],
  ])('are said: %s', async (_where, approvals, asks) => {
    const { notes } = await world.apply(
      `environments: { a: { approval_required: true, approvals: ${approvals} }, b: { approvals: ${approvals} } }\n${people}`,
    );
    expect(notes).toEqual(asks.map((one) => `environment a asks for ${one}`));
  });
});

describe('a configuration that cannot be applied', () => {
  it.each([
    [
      'has an unknown key',
      'environments: { a: { aproval_required: true } }\nsecurity: { jwt_secret: lost }',
      /Did you mean approval_required/,
    ],
    [
      'names a health check that does not exist',
      'environments: { a: { health_checks: [api_helth] } }\nhealth_checks: { api_health: { type: http, endpoint: "http://h/" } }',
      /environments\.a\.health_checks\[0\]: .* Did you mean api_health\?/,
    ],
    [
      'has a relative endpoint without an origin',
      'environments: { a: { health_checks: [api] } }\nhealth_checks: { api: { type: http, endpoint: /x } }',
      /Set environments\.a\.health_check_url/,
    ],
    [
      'lists a gate that does not exist',
      'quality_gates: { pre_deployment: [security_scn] }',
      /Did you mean security_scan/,
    ],
    [
      'switches off a built-in gate',
      'quality_gates: { pre_deployment: [{ name: firmware_validation, required: false }] }',
      /cannot be switched off/,
    ],
    [
      'names a health check twice',
      'environments: { a: { health_checks: [api, api] } }\nhealth_checks: { api: { type: http, endpoint: "http://h/" } }',
      /environments\.a\.health_checks\[1\]: expected each health check once, got "api"/,
    ],
    [
      'switches off a built-in gate where it is defined',
      'gates: { firmware_validation: { required: false } }',
      /^gates\.firmware_validation\.required: .* cannot be switched off/,
    ],
    [
      'gives one half of credentials',
      'environments: { a: { health_checks: [m] } }\nhealth_checks: { m: { type: mqtt, broker: "mqtt://u@b:1", topic: t } }',
      /username and password together/,
    ],
  ])('changes nothing when it %s', async (_why, yaml, problem) => {
    await world.apply('environments: { kept: {} }');
    const before = await stored();
    await expect(world.apply(yaml)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(problem) as unknown,
    });
    expect(await stored()).toBe(before);
    expect(
      existsSync(join(world.folder, 'secrets/security.jwt_secret')) &&
        readFileSync(join(world.folder, 'secrets/security.jwt_secret'), 'utf8'),
    ).not.toBe('lost');
  });

  it('is refused when a section that stays depends on what it takes away', async () => {
    await world.apply(
      'environments: { a: { health_checks: [api] } }\nhealth_checks: { api: { type: http, endpoint: "http://h/" } }',
    );
    await expect(world.apply('health_checks: {}')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

it('names the environments there are when one is asked for that is not', async () => {
  await world.apply('environments: { production: {}, staging: {} }');
  await expect(loadEnvironment(world.deps, 'prodction')).rejects.toMatchObject({
    code: 'ENVIRONMENT_UNKNOWN',
    report: { found: 'production, staging', hint: expect.stringContaining('did you mean production') as unknown },
  });
});

it('knows nobody before the first configuration, not even inherited names', async () => {
  expect((await loadPeople(world.deps))['constructor']).toBeUndefined();
});
