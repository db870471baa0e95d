// A whole environment of real containers is taken back by one command.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { LIN, SHOP, type Place } from '../../support/containers/container-stack.ts';
import { letGo } from '../../support/containers/let-go.ts';
import { eventually } from '../../support/eventually.ts';
import { isAtBake, openReleaseScene } from './release-scene.ts';

const scene = openReleaseScene();
const ENVIRONMENT = 'taken-back';
const STAYS = { strategy: 'blue_green', bake: '10m' };
const QUICK = { strategy: 'immediate' };

let database: Place;
let api: Place;
let web: Place;
let underWay: string;
beforeAll(async () => {
  database = await scene.stack.openPlace({ name: ENVIRONMENT, replicas: 1 });
  api = await scene.stack.openBeside(database, 'api');
  web = await scene.stack.openBeside(database, 'web');
  await scene.stack.changeApplication(api, { routing: { listen_port: api.port }, depends_on: [ENVIRONMENT] });
  await scene.stack.changeApplication(web, { routing: { listen_port: web.port }, depends_on: ['api'] });
  for (const version of [SHOP.first, SHOP.good]) {
    for (const place of [database, api, web]) await scene.release(place, version, QUICK);
  }
  underWay = (await scene.stack.deploy(web, SHOP.bad, STAYS)).run;
  await scene.until(underWay, 'its bake', isAtBake);
});

const rollback = (...flags: string[]) => scene.sluice('env', 'rollback', ENVIRONMENT, '--reason', 'it burns', ...flags);

describe('an environment with an application under way', () => {
  it('is taken back only when it is confirmed', async () => {
    expect((await rollback()).answer).toMatchObject({ error: { code: 'CONFIRMATION_MISSING' } });
    const { answer } = await rollback('--dry-run');
    expect(answer).toMatchObject({
      runs: [{ execution_id: underWay, action: 'roll-back' }],
      applications: [
        { application: 'api', to: { version: SHOP.first }, after: [] },
        { application: ENVIRONMENT, to: { version: SHOP.first }, after: ['api'] },
        { application: 'web', result: 'back' },
      ],
      left: [],
    });
  });

  it('serves what it served before, and says so', async () => {
    const { exitCode, answer } = await rollback('--yes', '--watch');
    expect(answer).toMatchObject({
      status: 'back',
      left: [],
      runs: [{ execution_id: underWay, result: 'rolled-back' }],
    });
    expect(exitCode).toBe(0);
    await scene.expectServing(web, SHOP.good, 1);
    await scene.expectServing(api, SHOP.first, 1);
    await scene.expectServing(database, SHOP.first, 1);
  });

  it('is reported by its name, by its id, and among the runs', async () => {
    const { answer } = await scene.sluice('env', 'rollback-report', ENVIRONMENT);
    const id = String(answer['emergency_id']);
    const applications = answer['applications'] as readonly { readonly execution_id: string }[];
    expect(applications).toHaveLength(3);
    expect((await scene.sluice('run', 'show', id)).answer).toEqual(answer);
    const events = (await scene.sluice('run', 'events', id)).answer['events'] as readonly { readonly type: string }[];
    expect(events.at(-1)?.type).toBe('run-ended');
    for (const { execution_id: run } of applications) expect((await scene.sluice('run', 'show', run)).exitCode).toBe(0);
  });

  it('is open to everybody again, each application once it is unpinned', async () => {
    await expect(scene.release(api, SHOP.good, QUICK)).rejects.toMatchObject({ code: 'VERSION_PINNED' });
    await letGo(scene.stack.deps, { ...api, person: LIN });
    await scene.release(api, SHOP.good, QUICK);
    await scene.expectServing(api, SHOP.good, 1);
  });
});

describe('an environment with a release of two applications under way', () => {
  it('goes back to where the release came from, and no step further', async () => {
    for (const place of [database, web]) await letGo(scene.stack.deps, { ...place, person: LIN });
    await scene.release(database, SHOP.good, QUICK);
    const release = await startRelease();
    await scene.until(await memberOf(release, 'web'), 'its bake', isAtBake);
    const { exitCode, answer } = await rollback('--yes', '--watch');
    expect(answer).toMatchObject({ status: 'back', left: [] });
    expect(exitCode).toBe(0);
    await scene.untilClosed(release, 'rolled-back');
    await scene.expectServing(web, SHOP.good, 1);
    await scene.expectServing(api, SHOP.good, 1);
    await scene.expectServing(database, SHOP.first, 1);
  });
});

/** Brings a bad version of `api` and of `web` into the environment; that of `web` stays at its bake. */
async function startRelease(): Promise<string> {
  const member = (name: string, config: object) => ({ name, version: SHOP.bad, config });
  const applications = [member('api', QUICK), member('web', STAYS)];
  const file = join(scene.stack.dataDirectory, 'bad.json');
  writeFileSync(file, JSON.stringify({ name: 'bad', environment: ENVIRONMENT, applications }));
  expect((await scene.sluice('release', 'create', '-f', file)).answer).not.toHaveProperty('error');
  return String((await scene.sluice('release', 'execute', 'bad', '--reason', 'test')).answer['execution_id']);
}

const memberOf = (release: string, application: string): Promise<string> =>
  eventually(async () => {
    const { rows } = await scene.stack.pool.query<{ run: string }>(
      'select run_id as run from runs where part_of = $1 and subject = $2',
      [release, application],
    );
    if (!rows[0]) throw new Error(`${application} has not begun`);
    return rows[0].run;
  }, 100_000);
