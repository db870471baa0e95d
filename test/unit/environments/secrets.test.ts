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

  it('changes nothing where there is no secret, and nothing the second time', () => {
    const open = {
      health_checks: {
        db: { connection_string: 'postgresql://user@db:5432/devicedb' },
        link: { broker: 'mqtt://broker:1883' },
      },
      cache: { redis_url: 'redis://localhost:6379/0' },
      security: { jwt_secret: { secretRef: 'env:JWT_SECRET' } },
    };
    expect(moveSecrets(open)).toEqual({ document: open, secrets: [] });
    const once = moveSecrets({ security: { jwt_secret: 'x' } }).document;
    expect(moveSecrets(once)).toEqual({ document: once, secrets: [] });
  });

  it('names the secret of a check in a plan file after the check, below the plan', () => {
    const { secrets } = moveSecrets({ health_checks: [{ name: 'link/../x', type: 'mqtt', password: 'p' }] }, 'plan_1.');
    expect(secrets[0]?.file).toBe('secrets/plan_1.health_checks.link_.._x.password');
  });
});
