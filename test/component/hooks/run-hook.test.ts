import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Hook, HookAction } from '#domain/plan/hook.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { HookInput } from '#domain/ports/release.port.ts';
import { findEvidence } from '../../../activities/adapters/postgres/evidence.ts';
import { runHookAction } from '../../../activities/containers/run-hook.ts';
import { guarded } from '../../../activities/runtime/guard.ts';
import { withHeartbeat } from '../../../activities/runtime/heartbeat.ts';
import { containerPlanOf, storeContainerPlan } from '../../support/containers/container-plan.ts';
import { eventually } from '../../support/eventually.ts';
import { attempt, codeOf, openFleetWorld, type FleetWorld } from '../../support/fleet/fleet-world.ts';

let world: FleetWorld;
let ref: RunRef;
let service: Server;
let asked: { readonly headers: IncomingHttpHeaders; readonly body: string }[];
let status: number;

beforeAll(async () => {
  world = await openFleetWorld();
  service = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (more: string) => (body += more));
    request.on('end', () => {
      asked.push({ headers: request.headers, body });
      response.writeHead(status).end('said token=hunter2');
    });
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  service.closeAllConnections();
  service.close();
  await world.close();
});
beforeEach(async () => {
  asked = [];
  status = 200;
  ref = await storeContainerPlan(world.pool, containerPlanOf());
});

const env = { PATH: process.env['PATH'], REAL: 'swordfish' };
const activity = guarded((input: HookInput) =>
  withHeartbeat((pulse) => {
    const { pool, logger, dataDirectory } = world;
    return runHookAction({ pool, logger, dataDirectory, env, pulse }, input);
  }),
);

const script = (text: string): HookAction => ({ kind: 'command', command: ['sh', '-c', text], timeoutMs: 20_000 });
const request = (changes: object = {}): HookAction => ({
  kind: 'http',
  url: `http://127.0.0.1:${(service.address() as AddressInfo).port}/warm`,
  method: 'POST',
  expectedStatus: 200,
  timeoutMs: 20_000,
  body: '{"do":"warm"}',
  ...changes,
});
const file = (name: string): string => join(world.dataDirectory, `${ref.run}-${name}`);
const read = (name: string): string => (existsSync(file(name)) ? readFileSync(file(name), 'utf8') : '');

function start(action: HookAction, changes: Partial<HookInput> = {}) {
  const hook: Hook = { name: 'warm-up', action, compensation: null };
  return attempt(activity, { ...ref, step: 'hook-before-1', hook, action: 'action', ...changes });
}

describe('a command hook', () => {
  it('is told what it is for, and its outcome is kept', async () => {
    const outcome = await start(script(`env | grep ^SLUICE_ | sort > ${file('env')}; echo warm`)).result;
    expect(outcome).toMatchObject({ kind: 'done', facts: { hook: 'warm-up', action: 'action' } });
    expect(read('env').trim().split('\n')).toEqual([
      'SLUICE_APPLICATION=shop',
      'SLUICE_ENVIRONMENT=production',
      'SLUICE_HOOK=warm-up',
      'SLUICE_HOOK_ACTION=action',
      `SLUICE_KEY=${ref.run}/hook-before-1/action`,
      `SLUICE_PLAN=${ref.planId}`,
      `SLUICE_RUN=${ref.run}`,
      'SLUICE_VERSION=2.0.0',
    ]);
    const { facts } = outcome as unknown as { facts: { evidence: string } };
    expect(await findEvidence(world.pool, facts.evidence)).toMatchObject({ output: 'warm\n', ended: 'exited' });
  });

  it('that fails is a value with evidence, and shows no secret', async () => {
    const action = { ...script('echo "$T"; exit 3'), env: { T: { secretRef: 'env:REAL' } } } as HookAction;
    const outcome = await start(action).result;
    expect(outcome).toMatchObject({ kind: 'unhealthy', summary: 'hook warm-up: sh exited 3' });
    const { evidence } = outcome as { evidence: string };
    expect(await findEvidence(world.pool, evidence)).toMatchObject({ output: '[redacted]\n' });
  });

  it('that has ended is not run again by a later attempt, whatever came out', async () => {
    for (const code of [0, 3]) {
      const action = script(`echo run >> ${file(`count-${code}`)}; exit ${code}`);
      const step = `hook-after-${code + 1}`;
      const first = await start(action, { step }).result;
      expect(await start(action, { step }).result).toEqual(first);
      expect(read(`count-${code}`)).toBe('run\n');
    }
  });

  it('that was under way is run again with the same key', async () => {
    const action = script(`echo $SLUICE_KEY >> ${file('keys')}; test -e ${file('go')} || sleep 300`);
    const lost = start(action);
    await eventually(() => expect(read('keys')).not.toBe(''));
    lost.abandon('workerShutdown');
    await expect(lost.result).rejects.toThrow();
    await start(script(`touch ${file('go')}`), { step: 'other' }).result;
    expect(await start(action).result).toMatchObject({ kind: 'done' });
    expect(read('keys')).toBe(`${ref.run}/hook-before-1/action\n`.repeat(2));
  });

  it('cannot run without a secret that is not there', async () => {
    const action = { ...script('true'), env: { T: { secretRef: 'env:NOBODY' } } } as HookAction;
    expect(await codeOf(start(action).result)).toBe('SECRET_UNRESOLVED');
  });
});

describe('an http hook', () => {
  it('sends its body and the key, whatever the plan calls that header', async () => {
    const headers = { 'idempotency-key': 'mine', Authorization: { secretRef: 'env:REAL' } };
    const outcome = await start(request({ headers })).result;
    expect(outcome).toMatchObject({ kind: 'done', summary: 'hook warm-up: 200' });
    expect(asked).toMatchObject([
      {
        body: '{"do":"warm"}',
        headers: { 'idempotency-key': `${ref.run}/hook-before-1/action`, authorization: 'swordfish' },
      },
    ]);
  });

  it('that is answered otherwise is a value with the answer', async () => {
    status = 500;
    const outcome = await start(request()).result;
    expect(outcome).toMatchObject({ kind: 'unhealthy', summary: 'hook warm-up: 500 instead of 200' });
    const { evidence } = outcome as { evidence: string };
    expect(await findEvidence(world.pool, evidence)).toMatchObject({ answer: 'said token=[redacted]' });
  });
});

describe('a compensation', () => {
  it('has a key and an outcome of its own', async () => {
    const hook: Hook = { name: 'warm-up', action: request(), compensation: request({ body: 'undo' }) };
    await start(hook.action, { hook }).result;
    const undone = await start(hook.action, { hook, action: 'compensation' }).result;
    expect(undone).toMatchObject({ kind: 'done', summary: 'hook warm-up (undone): 200' });
    expect(asked.map(({ headers }) => headers['idempotency-key'])).toEqual([
      `${ref.run}/hook-before-1/action`,
      `${ref.run}/hook-before-1/compensation`,
    ]);
  });

  it('that there is not is done', async () => {
    expect(await start(request(), { action: 'compensation' }).result).toMatchObject({ kind: 'done' });
    expect(asked).toEqual([]);
  });

  it('is refused for a plan that is not for containers', async () => {
    const fleet = await world.plan(await world.addFirmware('1.1.0'));
    expect(await codeOf(start(request(), fleet).result)).toBe('PLAN_NOT_UNDERSTOOD');
  });
});
