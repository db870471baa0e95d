import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { DEFAULT_PORTS } from '#domain/defaults.ts';
import { RUN_SEARCH_ATTRIBUTES } from '#domain/search-attributes.ts';
import { devServerCommand } from '../../workers/stack/temporal/dev-server.ts';
import { SERVER_VERSIONS } from '../../workers/setup/versions.ts';

interface Service {
  readonly image: string;
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly configs?: readonly (string | { readonly source: string; readonly target: string })[];
  readonly volumes?: readonly string[];
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly configs: Readonly<Record<string, { readonly content: string }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const { services, configs, volumes } = parse(
  readFileSync(join(import.meta.dirname, '../../temporal-dev.yml'), 'utf8'),
) as Compose;
const all = Object.values(services);
const partsOf = (image: string): [name: string, tag: string] => {
  const [name = '', tag = ''] = image.split(':');
  return [name, tag];
};

describe('temporal-dev.yml', () => {
  it('publishes the ports of `sluice up`, on this machine only', () => {
    const published = all.flatMap(({ ports }) => ports ?? []).sort();
    const { temporal, temporalUi, mqtt, postgres } = DEFAULT_PORTS;
    const expected = [`${temporal}:7233`, `${temporalUi}:8080`, `${mqtt}:1883`, `${postgres}:5432`];
    expect(published).toEqual(expected.map((pair) => `127.0.0.1:${pair}`).sort());
  });

  it('runs the versions that `sluice up` runs', () => {
    const images = Object.fromEntries(all.map(({ image }) => partsOf(image)));
    expect(images).toEqual({
      'temporalio/server': SERVER_VERSIONS.temporal,
      'temporalio/admin-tools': SERVER_VERSIONS.temporal,
      'temporalio/ui': SERVER_VERSIONS.temporalUi,
      postgres: String(SERVER_VERSIONS.postgresMajor),
      'eclipse-mosquitto': SERVER_VERSIONS.mosquittoSeries,
    });
  });

  it('gives Temporal the settings that make steps and timers fast', () => {
    const settings = parse(configs['dynamic-config']?.content ?? '') as Record<string, [{ value: unknown }]>;
    const given = Object.entries(settings).map(([key, [{ value }]]) => `${key}=${JSON.stringify(value)}`);
    const command = devServerCommand({ port: 1, uiPort: 2, namespace: 'sluice', databaseFile: 'x' });
    const embedded = command.args.filter((_argument, index) => command.args[index - 1] === '--dynamic-config-value');
    expect(given.sort()).toEqual(embedded.toSorted());
  });

  it('registers every search attribute of a run', () => {
    const script = configs['temporal-namespace.sh']?.content ?? '';
    expect([...script.matchAll(/--name (\w+)/g)].map(([, name]) => name)).toEqual([...RUN_SEARCH_ATTRIBUTES]);
  });

  it('refers only to services, files and volumes that it declares', () => {
    for (const { depends_on = {}, configs: used = [], volumes: mounts = [] } of all) {
      expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(depends_on)));
      const sources = used.map((one) => (typeof one === 'string' ? one : one.source));
      expect(Object.keys(configs)).toEqual(expect.arrayContaining(sources));
      const names = mounts.map((mount) => mount.split(':')[0]);
      expect(Object.keys(volumes)).toEqual(expect.arrayContaining(names));
    }
  });
});
