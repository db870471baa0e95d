// What container releases need, as `sluice doctor` sees it. Nothing runs here: no server is needed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSettings } from '../../../client/engine/settings.ts';
import { examine, type Diagnosis } from '../../../client/engine/stack/doctor.ts';
import { fakeEngine } from '../../support/fakes/fake-engine-info.ts';
import { makeTempFolder, type TempFolder } from '../../support/servers/temp-folder.ts';

const NO_ENGINE = 'no Docker Engine: fleet rollouts work, container releases do not';
const NOWHERE = '/nowhere/program';

describe('sluice doctor on container releases', () => {
  let folder: TempFolder;
  beforeEach(() => {
    folder = makeTempFolder('doctor');
    // Whatever engine this machine runs, the one of this data directory is looked at, and it is dead.
    mkdirSync(join(folder.path, 'docker'));
    writeFileSync(join(folder.path, 'docker', 'docker.sock'), '');
  });
  afterEach(() => folder.remove());

  const doctor = (env: NodeJS.ProcessEnv): Promise<Diagnosis> =>
    examine(readSettings(env, { dataDirectory: folder.path }), { PATH: process.env['PATH'], ...env });
  const named = ({ findings }: Diagnosis, name: string) => findings.find((finding) => finding.name === name);

  it.each([
    ['DOCKERD_PATH', 'docker', NO_ENGINE],
    ['HAPROXY_PATH', 'haproxy', 'no HAProxy'],
    ['REGISTRY_PATH', 'registry', 'no image registry'],
  ])('misses the program of %s, and says what works without', async (variable, name, without) => {
    const diagnosis = await doctor({ [variable]: NOWHERE });
    expect(named(diagnosis, name)).toMatchObject({ state: 'missing', mend: 'npx sluice setup' });
    expect(diagnosis.well).toBe(false);
    expect(diagnosis.withoutIt.join('\n')).toContain(without);
  });

  it('says once that no engine runs', async () => {
    const diagnosis = await doctor({ DOCKERD_PATH: process.execPath });
    expect(named(diagnosis, 'engine')).toMatchObject({ state: 'idle', detail: 'not running' });
    expect(diagnosis.withoutIt.filter((line) => line === NO_ENGINE)).toHaveLength(1);
  });

  it('starts no engine where its program is missing', async () => {
    expect(named(await doctor({ DOCKERD_PATH: NOWHERE }), 'engine')).toBeUndefined();
  });

  it('needs no program where an engine answers', async () => {
    const engine = await fakeEngine(join(folder.path, 'e.sock'));
    const diagnosis = await doctor({ DOCKERD_PATH: NOWHERE, DOCKER_HOST: engine.host });
    engine.close();
    expect(named(diagnosis, 'docker')).toBeUndefined();
    expect(named(diagnosis, 'engine')).toMatchObject({ state: 'well', version: '20.10.24' });
    expect(diagnosis.withoutIt).not.toContain(NO_ENGINE);
  });

  it('needs no HAProxy where another one routes', async () => {
    const diagnosis = await doctor({ HAPROXY_PATH: NOWHERE, SLUICE_HAPROXY_DIR: folder.path });
    expect(named(diagnosis, 'haproxy')).toBeUndefined();
  });

  it('takes an engine that stops its containers for a warning, not for an illness', async () => {
    const engine = await fakeEngine(join(folder.path, 'e.sock'), { liveRestore: false });
    const { findings } = await doctor({ DOCKER_HOST: engine.host });
    engine.close();
    expect(findings.filter(({ state }) => state === 'warning').map(({ name }) => name)).toEqual(['engine']);
  });
});
