import { describe, expect, it } from 'vitest';
import { HealthCheckSpec, InlineHealthCheck } from '#domain/environments/health-check.schema.ts';
import { moveSecrets } from '#domain/environments/secrets.ts';
import { options, problems } from '../../support/plans/settled-plan.ts';

const settled = (check: object) => options({ plan: { health_checks: [check] } }).watch.healthChecks[0];
const complaint = (check: object): string | undefined =>
  InlineHealthCheck.safeParse({ name: 'one', ...check }).error?.issues[0]?.message;

describe('a tcp check', () => {
  it('is settled with its host, port and times', () => {
    expect(
      settled({ name: 'door', type: 'tcp', host: 'db.example', port: 5432, timeout: '2s', retry_count: 1 }),
    ).toEqual({
      type: 'tcp',
      name: 'door',
      host: 'db.example',
      port: 5432,
      timeoutMs: 2_000,
      retryCount: 1,
    });
  });

  it.each(['db', 'db.example', 'a_b', '10.0.0.1', '::1', 'fe80::1'])('takes the host %s', (host) => {
    expect(complaint({ type: 'tcp', host, port: 1 })).toBeUndefined();
  });

  it.each(['db:5432', 'http://db', 'a b', '[::1]', 'user@db'])('refuses the host %s', (host) => {
    expect(complaint({ type: 'tcp', host, port: 1 })).toBe('a host name or an address, without a port');
  });
});

describe('a command check', () => {
  it('runs a line of text by a shell, a list as it is', () => {
    const line = settled({ name: 'disk', type: 'command', command: 'df /', env: { LANG: 'C' } });
    expect(line).toMatchObject({ command: ['sh', '-c', 'df /'], env: { LANG: 'C' } });
    expect(settled({ name: 'disk', type: 'command', command: ['df', '/'] })).toMatchObject({ command: ['df', '/'] });
  });

  it('has no password written out in it', () => {
    expect(complaint({ type: 'command', command: 'check --password hunter2' })).toContain('without a password');
    const { document, secrets } = moveSecrets({
      health_checks: { disk: { type: 'command', command: 'x', env: { API_TOKEN: 't0p', LANG: 'C' } } },
    });
    expect(secrets).toMatchObject([{ value: 't0p' }]);
    expect(document).toMatchObject({ health_checks: { disk: { env: { LANG: 'C' } } } });
  });
});

describe('a database check', () => {
  it('is settled with its reference', () => {
    const check = { name: 'db', type: 'database', connection_string: { secretRef: 'env:DB' }, query: 'SELECT 2' };
    expect(settled(check)).toMatchObject({
      type: 'database',
      connectionString: { secretRef: 'env:DB' },
      query: 'SELECT 2',
    });
  });

  it('is refused with the secret itself, which is not shown', () => {
    const check = { name: 'db', type: 'database', connection_string: 'postgresql://ada:swordfish@db/x' };
    const found = problems({ plan: { health_checks: [check] } });
    expect(JSON.stringify(found)).toContain('health_checks[0]');
    expect(JSON.stringify(found)).not.toContain('swordfish');
  });
});

describe('a check of no known kind', () => {
  it('is told the kinds there are', () => {
    const words = 'a health check with type http, mqtt, tcp, command or database';
    expect(HealthCheckSpec.safeParse({ type: 'icmp' }).error?.issues[0]?.message).toBe(words);
    expect(complaint({ type: 'icmp' })).toBe(words);
  });
});
