import { describe, expect, it, test } from 'vitest';
import { settleEngines } from '#domain/environments/engines.ts';
import { EnvironmentSpec } from '#domain/environments/environment.schema.ts';
import { environmentOf } from '#domain/environments/environment.ts';
import { moveSecrets } from '#domain/environments/secrets.ts';
import { defaultEngineHost } from '../../../client/engine/containers/engines-of.ts';
import { readSettings } from '../../../client/engine/settings.ts';

const DEFAULT = 'unix:///run/docker.sock';

function settle(spec: object, defaultHost = DEFAULT) {
  const { document } = moveSecrets({ environments: { e: spec } });
  const written = (document as { environments: { e: object } }).environments.e;
  const { engines } = environmentOf('e', EnvironmentSpec.parse(written));
  return settleEngines({ engines, defaultHost, path: 'environments.e.engines' });
}

const wayOf = (engine: object, defaultHost?: string) =>
  settle({ target: 'docker', engines: [engine] }, defaultHost).engines[0];

describe('the engines of an environment', () => {
  it('are the one of this machine unless others are named', () => {
    expect(settle({ target: 'docker' }).engines).toEqual([
      { name: 'local', way: { kind: 'socket', path: '/run/docker.sock' }, reach: { kind: 'bridge' } },
    ]);
    expect(settle({ type: 'docker' }).engines).toHaveLength(1);
    expect(settle({}).engines).toEqual([]);
  });

  it('are reached by TCP with the certificates that were moved to files, and by published ports', () => {
    const tls = { ca: 'CA', certificate: 'CERT', key: 'KEY' };
    expect(wayOf({ name: 'far', host: 'tcp://10.0.0.7:2376', tls })).toEqual({
      name: 'far',
      way: {
        kind: 'tcp',
        host: '10.0.0.7',
        port: 2376,
        tls: {
          ca: { secretRef: 'file:secrets/environments.e.engines.far.tls.ca' },
          certificate: { secretRef: 'file:secrets/environments.e.engines.far.tls.certificate' },
          key: { secretRef: 'file:secrets/environments.e.engines.far.tls.key' },
        },
      },
      reach: { kind: 'published', host: '10.0.0.7' },
    });
  });

  it('are reached by SSH with a key, under the address that the router uses', () => {
    expect(wayOf({ name: 'far', host: 'ssh://root@edge.test:2222', ssh_key: 'KEY', reach: '10.0.0.7' })).toMatchObject({
      way: { kind: 'ssh', host: 'edge.test', port: 2222, user: 'root', hostKey: null },
      reach: { kind: 'published', host: '10.0.0.7' },
    });
    const { problems } = settle({ target: 'docker', engines: [{ name: 'far', host: 'ssh://root@edge.test' }] });
    expect(problems).toMatchObject([{ path: 'environments.e.engines[0].ssh_key' }]);
  });

  it('are no engines where the default is no address', () => {
    expect(settle({ target: 'docker' }, 'npipe:////./pipe/docker').problems).toMatchObject([
      { path: 'environments.e.engines[0].host' },
    ]);
  });
});

test.each([
  ['engines without target docker', { engines: [] }],
  ['device groups with it', { target: 'docker', device_groups: ['field'] }],
  ['a type that contradicts', { target: 'docker', type: 'fleet' }],
  ['an unknown type', { type: 'kubernetes' }],
  ['two engines of one name', { target: 'docker', engines: [{}, {}] }],
])('%s are refused', (_what, spec) => {
  expect(EnvironmentSpec.safeParse(spec).success).toBe(false);
});

it('the default is DOCKER_HOST, else the socket of the machine', () => {
  const at = { dataDirectory: '/nowhere' };
  expect(defaultEngineHost(readSettings({ DOCKER_HOST: 'tcp://h:1' }, at))).toBe('tcp://h:1');
  expect(defaultEngineHost(readSettings({}, at))).toBe('unix:///var/run/docker.sock');
});
