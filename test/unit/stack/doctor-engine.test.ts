import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSettings } from '../../../client/engine/settings.ts';
import { checkEngine } from '../../../client/engine/stack/doctor-engine.ts';
import { fakeEngine, type FakeEngine, type FakeEngineOptions } from '../../support/fakes/fake-engine-info.ts';
import { makeTempFolder, type TempFolder } from '../../support/servers/temp-folder.ts';

describe('the look at the Docker Engine', () => {
  let folder: TempFolder;
  let engine: FakeEngine | null = null;
  beforeEach(() => {
    folder = makeTempFolder('engine');
  });
  afterEach(() => {
    engine?.close();
    engine = null;
    folder.remove();
  });

  const start = async (options?: FakeEngineOptions): Promise<FakeEngine> =>
    (engine = await fakeEngine(join(folder.path, 'e.sock'), options));

  /** The engine that a variable names; without, the one of the data directory. */
  const look = (host?: string) =>
    checkEngine(readSettings(host === undefined ? {} : { DOCKER_HOST: host }, { dataDirectory: folder.path }));

  it('asks the socket that DOCKER_HOST names for its version', async () => {
    const { host, asked } = await start();
    expect(await look(host)).toMatchObject({ state: 'well', version: '20.10.24', detail: host, mend: '' });
    expect(asked).toEqual(['GET /info']);
  });

  it('asks over TCP', async () => {
    engine = await fakeEngine(null);
    expect(await look(engine.host)).toMatchObject({ state: 'well', version: '20.10.24' });
  });

  it('warns of an engine whose restart stops every container, and tells how to mend that', async () => {
    const { host } = await start({ liveRestore: false });
    const { state, detail, mend } = await look(host);
    expect(state).toBe('warning');
    expect(detail).toContain('live-restore is off: a restart of the engine stops every container');
    expect(mend).toContain('"live-restore": true into /etc/docker/daemon.json');
    expect(mend).toContain('systemctl reload docker');
  });

  it.each(['<html>', '[]', 'null', '{"ServerVersion":"1"}'])('takes %s for no engine', async (answer) => {
    const { host } = await start({ answer });
    const { state, detail } = await look(host);
    expect({ state, detail }).toEqual({ state: 'missing', detail: `${host}: it answers, but not as a Docker Engine` });
  });

  it('misses an engine that a variable names and that does not answer', async () => {
    const host = `unix://${folder.path}/nothing.sock`;
    const { state, detail, mend } = await look(host);
    expect({ state, detail }).toEqual({ state: 'missing', detail: `${host}: nothing answers there` });
    expect(mend).toContain('unset DOCKER_HOST');
  });

  it('does not miss one that nobody named, but tells how it is started', async () => {
    leaveSocket(folder.path);
    const { state, detail, mend } = await look();
    expect({ state, detail }).toEqual({ state: 'idle', detail: 'not running' });
    expect(mend).not.toBe('');
  });

  it('does not ask over SSH, and names the command that does', async () => {
    expect(await look('ssh://ops@far.example')).toMatchObject({ state: 'idle', mend: 'sluice env observe' });
  });

  it('refuses an address that is none', async () => {
    const { state, detail, mend } = await look('far.example');
    expect(state).toBe('missing');
    expect(detail).toContain('"far.example"');
    expect(mend).toBe('unset DOCKER_HOST');
  });
});

/** What a killed engine leaves: nobody listens there any more. */
function leaveSocket(dataDirectory: string): void {
  mkdirSync(join(dataDirectory, 'docker'));
  writeFileSync(join(dataDirectory, 'docker', 'docker.sock'), '');
}
