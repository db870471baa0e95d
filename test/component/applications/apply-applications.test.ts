import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadApplication } from '../../../client/engine/applications/load-applications.ts';
import { openReleaseWorld, type ReleaseWorld } from '../../support/containers/release-world.ts';

const TWO = `
applications:
  shop: { image: registry.test/shop, port: 8080, replicas: 4, depends_on: [stock] }
  stock: { image: registry.test/stock, port: 8080 }
`;

let world: ReleaseWorld;
beforeAll(async () => {
  world = await openReleaseWorld();
});
afterAll(() => world.close());

describe('applying applications', () => {
  it('says what was created, and the second time that nothing changed', async () => {
    expect(await world.applications(TWO)).toMatchObject({ created: ['shop', 'stock'], updated: [], unchanged: [] });
    expect(await world.applications(TWO)).toMatchObject({ created: [], updated: [], unchanged: ['shop', 'stock'] });
  });

  it('changes those that it names and leaves the others', async () => {
    const one = 'applications: { stock: { image: registry.test/stock, port: 9090 } }';
    expect(await world.applications(one)).toMatchObject({ created: [], updated: ['stock'], unchanged: [] });
    expect((await loadApplication(world.pool, 'shop')).spec.replicas).toBe(4);
    expect((await loadApplication(world.pool, 'stock')).spec.port).toBe(9090);
  });

  it('moves what may be a secret to files of this user', async () => {
    const { secrets } = await world.applications(`
      applications:
        vault:
          image: registry.test/vault
          port: 80
          env: { LANG: de, API_TOKEN: hunter2 }
          registry: { username: ada, password: hunter3 }
          routing: { header: { name: x-version, secret: hunter4 } }`);
    expect(secrets.map(({ path }) => path)).toEqual([
      'applications.vault.env.API_TOKEN',
      'applications.vault.registry.password',
      'applications.vault.routing.header.secret',
    ]);
    const { spec } = await loadApplication(world.pool, 'vault');
    expect(JSON.stringify(spec)).not.toContain('hunter');
    expect(spec.env).toMatchObject({ LANG: 'de', API_TOKEN: { secretRef: secrets[0]?.secretRef } });
    const file = join(world.folder, secrets[1]?.secretRef.replace('file:', '') ?? '');
    expect(readFileSync(file, 'utf8')).toBe('hunter3');
  });

  it.each([
    ['a name that nobody has', 'a1: { image: a, port: 1, depends_on: [nobody] }', 'applications.a1.depends_on[0]'],
    [
      'a circle',
      'a1: { image: a, port: 1, depends_on: [a2] }, a2: { image: a, port: 1, depends_on: [a1] }',
      'a1 → a2 → a1',
    ],
    ['an application that waits for itself', 'a1: { image: a, port: 1, depends_on: [a1] }', 'a1 → a1'],
    ['an unknown key', 'a1: { image: a, port: 1, replica: 2 }', 'Did you mean replicas?'],
  ])('refuses %s, and stores nothing', async (_what, yaml, expected) => {
    await expect(world.applications(`applications: { fine: { image: f, port: 1 }, ${yaml} }`)).rejects.toThrow(
      expected,
    );
    await expect(loadApplication(world.pool, 'fine')).rejects.toMatchObject({ code: 'APPLICATION_UNKNOWN' });
  });
});
