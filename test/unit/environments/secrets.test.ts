import { describe, expect, it } from 'vitest';
import { moveSecrets } from '#domain/environments/secrets.ts';

describe('moveSecrets', () => {
  it('leaves a reference where a secret stood, and nothing of the secret', () => {
    const { document, secrets } = moveSecrets({
      health_checks: { db: { type: 'database', connection_string: 'postgresql://user:pass@db:5432/devicedb' } },
      database: { connection_string: 'host=db password=hunter2' },
      cache: { redis_url: 'redis://:swordfish@localhost:6379/0' },
      security: { jwt_secret: 'your-jwt-secret-key' },
      notifications: {
        slack: { webhook_url: 'https://hooks.slack.com/services/A/B/C', channel: '#deployments' },
        webhook: {
          url: 'https://u:p@host/hook',
          headers: { Authorization: 'Bearer T', 'Content-Type': 'application/json' },
        },
      },
    });
    expect(document).toEqual({
      health_checks: {
        db: { type: 'database', connection_string: { secretRef: 'file:secrets/health_checks.db.connection_string' } },
      },
      database: { connection_string: { secretRef: 'file:secrets/database.connection_string' } },
      cache: { redis_url: { secretRef: 'file:secrets/cache.redis_url' } },
      security: { jwt_secret: { secretRef: 'file:secrets/security.jwt_secret' } },
      notifications: {
        slack: { webhook_url: { secretRef: 'file:secrets/notifications.slack.webhook_url' }, channel: '#deployments' },
        webhook: {
          url: { secretRef: 'file:secrets/notifications.webhook.url' },
          headers: {
            Authorization: { secretRef: 'file:secrets/notifications.webhook.headers.Authorization' },
            'Content-Type': 'application/json',
          },
        },
      },
    });
    expect(secrets.map(({ value }) => value)).toContain('Bearer T');
    expect(secrets).toHaveLength(7);
  });

  it('splits the credentials off a broker’s address', () => {
    const { document, secrets } = moveSecrets({
      health_checks: { link: { type: 'mqtt', broker: 'mqtts://ada:p%40ss@broker:8883', topic: 'health/check' } },
    });
    const password = { secretRef: 'file:secrets/health_checks.link.password' };
    expect(document).toEqual({
      health_checks: {
        link: { type: 'mqtt', broker: 'mqtts://broker:8883', topic: 'health/check', username: 'ada', password },
      },
    });
    expect(secrets).toEqual([
      { path: 'health_checks.link.password', file: 'secrets/health_checks.link.password', value: 'p@ss' },
    ]);
  });

  it.each([
    ['mqtt://u:p@ss@broker:1883', 'mqtt://broker:1883', 'p@ss'],
    ['wss://u:p@@broker/mqtt?v=5', 'wss://broker/mqtt?v=5', 'p@'],
    ['mqtt://u:100%@broker', 'mqtt://broker', '100%'],
  ])('takes all of the password off %s', (address, broker, password) => {
    const { document, secrets } = moveSecrets({ health_checks: { link: { type: 'mqtt', broker: address } } });
    expect(document).toMatchObject({ health_checks: { link: { broker, username: 'u' } } });
    expect(secrets.map(({ value }) => value)).toEqual([password]);
  });

  it('takes what may be a secret from headers and variables, and leaves the rest', () => {
    const { document, secrets } = moveSecrets({
      health_checks: { api: { headers: { 'X-Auth': 'a', Accept: 'text/plain', 'User-Agent': 'sluice' } } },
      gates: {
        scan: {
          env: { DB_PASSWORD: 'b', TARGET: 'site-a', DSN: 'postgresql://u:c@db/d', API: { secretRef: 'env:API' } },
        },
        web: { http: { headers: { 'x-token': 'd', 'content-type': 'text/plain' } } },
      },
    });
    expect(secrets.map(({ value }) => value)).toEqual(['a', 'b', 'postgresql://u:c@db/d', 'd']);
    expect(document).toMatchObject({
      health_checks: { api: { headers: { Accept: 'text/plain', 'User-Agent': 'sluice' } } },
      gates: {
        scan: { env: { TARGET: 'site-a', API: { secretRef: 'env:API' } } },
        web: { http: { headers: { 'content-type': 'text/plain' } } },
      },
    });
  });

  it('changes nothing where there is no secret, and nothing the second time', () => {
    const open = {
      health_checks: { link: { broker: 'mqtt://broker:1883' } },
      security: { jwt_secret: { secretRef: 'env:JWT_SECRET' } },
    };
    expect(moveSecrets(open)).toEqual({ document: open, secrets: [] });
    const once = moveSecrets({ security: { jwt_secret: 'x' } }).document;
    expect(moveSecrets(once)).toEqual({ document: once, secrets: [] });
  });

  it('names the secret of a check in a plan file after the check, below the plan, whatever its name', () => {
    const { secrets } = moveSecrets({ health_checks: [{ name: 'link/../x', type: 'mqtt', password: 'p' }] }, 'plan_1.');
    expect(secrets[0]?.file).toBe('secrets/plan_1.health_checks.link~2f~~.~.~2f~x.password');
  });

  it('gives no two places the same file', () => {
    const headers = {
      'X Token': '1',
      X_Token: '2',
      'X-Token': '3',
      'X.Token': '4',
      'X~.Token': '5',
      'X\u{1f600}': '6',
    };
    const { secrets } = moveSecrets({
      health_checks: { 'a.headers.b': { headers: { c: '7' } }, a: { headers: { ...headers, 'b.headers.c': '8' } } },
    });
    expect(new Set(secrets.map(({ file }) => file)).size).toBe(8);
  });
});

it('secrets of a release stand below config, those of what undoes a hook too', () => {
  const http = { endpoint: 'https://h.test', headers: { Authorization: 'Bearer hunter2', Accept: 'text/plain' } };
  const hook = { name: 'warm', http, compensation: { command: 'undo', env: { API_TOKEN: 'hunter3' } } };
  const { document, secrets } = moveSecrets({
    config: { hooks: { after: [hook] }, header: { name: 'x', secret: 'hunter4' } },
  });
  expect(JSON.stringify(document)).not.toContain('hunter');
  expect(secrets.map(({ path }) => path)).toEqual([
    'config.hooks.after.warm.http.headers.Authorization',
    'config.hooks.after.warm.compensation.env.API_TOKEN',
    'config.header.secret',
  ]);
});
