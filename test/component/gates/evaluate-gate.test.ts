import { existsSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CancelledFailure } from '@temporalio/common';
import type { HttpHealthCheck } from '#domain/plan/health-check.ts';
import type { GateCheck } from '#domain/plan/steps.ts';
import type { FleetPlan, PlannedFirmware } from '#domain/plan/plan.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import { artifactPath } from '../../../activities/adapters/object-store/artifact-files.ts';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
import { createGateActivities } from '../../../activities/gates/gates.activities.ts';
import { eventually } from '../../support/eventually.ts';
import { attempt, openFleetWorld, things, type FleetWorld } from '../../support/fleet/fleet-world.ts';

let world: FleetWorld;
let service: Server;
let answers: () => { status: number; body: string };
let base: string;

beforeAll(async () => {
  world = await openFleetWorld();
  service = createServer((_request, response) => {
    const { status, body } = answers();
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
});
afterAll(async () => {
  service.closeAllConnections();
  service.close();
  await world.close();
});
beforeEach(async () => {
  answers = () => ({ status: 200, body: 'ok' });
  await world.pool.query('truncate artifacts, devices, rollouts, rollout_targets, evidence');
});

const env = { PATH: process.env['PATH'], HOME: '/tmp', SECRET_TOKEN: 'hunter2' };

const HOUR_MS = 3_600_000;

function evaluate(ref: RunRef, check: GateCheck, info: { attempt?: number; activityId?: string } = {}) {
  const step = { kind: 'gate', id: 'pre/a-gate', gate: 'a-gate', phase: 'pre', required: true, check } as const;
  return attempt(
    createGateActivities({ ...world, env, containers: null }).evaluateGate,
    { ...ref, step },
    // One and the same evaluation, unless it is said to be another.
    { startToCloseTimeoutMs: HOUR_MS, activityId: 'gate', ...info },
  );
}

async function planned(changes: Partial<PlannedFirmware> = {}, plan: Partial<FleetPlan> = {}) {
  const firmware = await world.addFirmware('1.1.0', changes);
  return { firmware, ref: await world.plan(firmware, plan) };
}

async function evidenceOf(id: string | null): Promise<Record<string, unknown>> {
  const { rows } = await world.pool.query<{ body: Record<string, unknown>; step: string }>(
    'select body, step from evidence where evidence_id = $1',
    [id],
  );
  expect(rows[0]?.step).toBe('pre/a-gate');
  return rows[0]?.body ?? {};
}

const http = (changes: Partial<HttpHealthCheck> = {}): HttpHealthCheck => ({
  type: 'http',
  name: 'api',
  url: `${base}/health`,
  method: 'GET',
  timeoutMs: 2_000,
  expectedStatus: 200,
  retryCount: 0,
  ...changes,
});

describe('firmware_validation', () => {
  it('passes for bytes that are what was planned and signed', async () => {
    const { ref } = await planned();
    const outcome = await evaluate(ref, { run: 'firmware_validation' }).result;
    expect(outcome).toMatchObject({ kind: 'passed', evidence: null });
    expect(outcome.summary).toContain('signature valid');
  });

  it('fails, with evidence, for altered bytes', async () => {
    const { firmware, ref } = await planned();
    writeFileSync(artifactPath(world.dataDirectory, firmware.sha256), 'x'.repeat(firmware.sizeBytes));
    const outcome = await evaluate(ref, { run: 'firmware_validation' }).result;
    expect(outcome).toMatchObject({ kind: 'failed' });
    expect(await evidenceOf(outcome.evidence)).toMatchObject({ why: expect.stringContaining('altered') as string });
  });

  it('fails when another firmware stands under the planned name and version, or none', async () => {
    const { ref } = await planned();
    await world.pool.query(`update artifacts set hardware = '{edge-b}'`);
    const other = await evaluate(ref, { run: 'firmware_validation' }).result;
    expect(other).toMatchObject({ kind: 'failed', summary: 'edge 1.1.0 is not what was planned: hardware changed' });
    await world.pool.query('delete from artifacts');
    expect(await evaluate(ref, { run: 'firmware_validation' }).result).toMatchObject({ kind: 'failed' });
  });
});

describe('device_compatibility_check', () => {
  const check: GateCheck = { run: 'device_compatibility_check' };

  it('passes when every target fits', async () => {
    await world.addDevices(things(5));
    const { ref } = await planned();
    await attempt(createFleetActivities(world).prepareRollout, ref).result;
    expect(await evaluate(ref, check).result).toEqual({ kind: 'passed', summary: '5 devices fit', evidence: null });
  });

  it('fails with counts and examples of those that do not', async () => {
    await world.addDevices(things(5));
    await world.addDevices(things(7, 'other'), { hardware: 'edge-z' });
    await world.addDevices(things(2, 'old'), { firmware: '0.8.0' });
    await world.addDevices(['current'], { firmware: '1.1.0', hardware: 'edge-z' });
    const { ref } = await planned({ minimumVersion: '0.9.0' });
    await attempt(createFleetActivities(world).prepareRollout, ref).result;
    const outcome = await evaluate(ref, check).result;
    const summary = '9 of 14 devices do not fit: 2 older than 0.9.0, 7 with other hardware than edge-a';
    expect(outcome).toMatchObject({ kind: 'failed', summary });
    expect(await evidenceOf(outcome.evidence)).toMatchObject({
      misfits: [
        { why: 'version-too-old', devices: 2, examples: ['old-001', 'old-002'] },
        { why: 'hardware', devices: 7, examples: things(5, 'other') },
      ],
    });
  });
});

describe('device_compatibility_check of a plan with waves by name and filter', () => {
  it('counts only devices that a wave may take', async () => {
    await world.addDevices(things(3));
    await world.addDevices(things(7, 'other'), { hardware: 'edge-z' });
    const check: GateCheck = { run: 'device_compatibility_check' };
    const named = { kind: 'devices', things: things(2) } as const;
    const { ref } = await planned({}, { waves: [named, { kind: 'filter', filter: 'device.thing == "d-003"' }] });
    expect(await evaluate(ref, check).result).toMatchObject({ kind: 'passed', summary: '3 devices fit' });
    const { ref: all } = await planned({}, { waves: [named, { kind: 'percent', percent: 50 }] });
    expect(await evaluate(all, check).result).toMatchObject({ kind: 'failed' });
  });
});

describe('health_check and http', () => {
  it('pass when every check is well', async () => {
    const { ref } = await planned();
    const checks = [http(), http({ name: 'second', url: `${base}/other` })];
    expect(await evaluate(ref, { run: 'health_check', checks }).result).toMatchObject({ kind: 'passed' });
  });

  it('fail with what was answered, without its secrets', async () => {
    answers = () => ({ status: 503, body: '{"error":"no database","password":"hunter2"}' });
    const { ref } = await planned();
    const outcome = await evaluate(ref, { run: 'http', check: http() }).result;
    expect(outcome).toMatchObject({ kind: 'failed', summary: 'api: 503 instead of 200' });
    const evidence = JSON.stringify(await evidenceOf(outcome.evidence));
    expect(evidence).toContain('no database');
    expect(evidence).not.toContain('hunter2');
  });

  it('fail with what was answered when that is no text for a database', async () => {
    answers = () => ({ status: 500, body: '\0\u001b[31mno' });
    const { ref } = await planned();
    const outcome = await evaluate(ref, { run: 'http', check: http() }).result;
    expect(await evidenceOf(outcome.evidence)).toMatchObject({
      checks: [{ seen: { answer: String.raw`\x00\x1b[31mno` } }],
    });
  });

  it('try again as often as asked before they fail', async () => {
    let asked = 0;
    answers = () => ({ status: ++asked < 3 ? 500 : 200, body: '' });
    const { ref } = await planned();
    expect(await evaluate(ref, { run: 'http', check: http({ retryCount: 2 }) }).result).toMatchObject({
      kind: 'passed',
    });
    asked = -10;
    expect(await evaluate(ref, { run: 'http', check: http({ retryCount: 1 }) }).result).toMatchObject({
      kind: 'failed',
    });
    expect(asked).toBe(-8);
  });

  it('fail when nobody answers', async () => {
    const { ref } = await planned();
    const closed = http({ url: 'http://127.0.0.1:1/health' });
    const outcome = await evaluate(ref, { run: 'http', check: closed }).result;
    expect(outcome).toMatchObject({
      kind: 'failed',
      summary: expect.stringMatching(/api: .*ECONNREFUSED|api: bad port/) as string,
    });
  });

  it('are not evaluated without a check', async () => {
    const { ref } = await planned();
    expect(await evaluate(ref, { run: 'health_check', checks: [] }).result).toMatchObject({ kind: 'not_evaluated' });
  });
});

describe('a gate that runs a command', () => {
  const sh = (script: string, timeoutMs = 10_000): GateCheck => ({
    run: 'command',
    command: ['sh', '-c', script],
    timeoutMs,
  });

  it('passes when it exits 0 and keeps the end of its output', async () => {
    const { ref } = await planned();
    const outcome = await evaluate(ref, sh('echo scanned; echo "3 findings" >&2')).result;
    expect(outcome).toMatchObject({ kind: 'passed' });
    expect(await evidenceOf(outcome.evidence)).toMatchObject({ exitCode: 0, output: 'scanned\n3 findings\n' });
  });

  it('keeps an output that is no text for a database', async () => {
    const { ref } = await planned();
    const outcome = await evaluate(ref, sh(String.raw`printf 'a\0b\033[2Jc\360\237\224\245\n'; exit 1`)).result;
    expect(await evidenceOf(outcome.evidence)).toMatchObject({ output: 'a\\x00b\\x1b[2Jc\u{1f525}\n' });
  });

  it('knows what it decides for, and nothing else of the worker’s environment', async () => {
    const { ref } = await planned();
    const outcome = await evaluate(
      ref,
      sh('echo "$SLUICE_RUN $SLUICE_FIRMWARE_VERSION $SLUICE_ENVIRONMENT [$SECRET_TOKEN]"'),
    ).result;
    expect(await evidenceOf(outcome.evidence)).toMatchObject({ output: `${ref.run} 1.1.0 production []\n` });
  });

  it('is given its variables, whose secrets are in no evidence', async () => {
    const { ref } = await planned();
    const script = 'echo "$SITE $SCAN_TOKEN [$SLUICE_GATE]"';
    const own = { SITE: 'a', SCAN_TOKEN: { secretRef: 'env:SECRET_TOKEN' } };
    const outcome = await evaluate(ref, { ...sh(script), env: own } as GateCheck).result;
    expect(await evidenceOf(outcome.evidence)).toMatchObject({ output: 'a [redacted] [a-gate]\n' });
  });

  it.each([
    ['exits with another code', 'exit 3', 'sh exited 3'],
    ['is killed', 'kill -9 $$', 'sh was ended by SIGKILL'],
  ])('fails when it %s', async (_name, script, summary) => {
    const { ref } = await planned();
    expect(await evaluate(ref, sh(script)).result).toMatchObject({ kind: 'failed', summary });
  });

  it('fails when it does not end in time', async () => {
    const { ref } = await planned();
    const begun = join(world.dataDirectory, 'begun-late');
    // On a slow machine it needs more time to say anything at all.
    for (let timeoutMs = 500; !existsSync(begun); timeoutMs *= 4) {
      const outcome = await evaluate(ref, sh(`echo begun; touch ${begun}; sleep 60 & sleep 60`, timeoutMs)).result;
      expect(outcome).toMatchObject({ kind: 'failed', summary: `sh did not end within ${timeoutMs} ms` });
      if (existsSync(begun)) expect(await evidenceOf(outcome.evidence)).toMatchObject({ output: 'begun\n' });
      await world.pool.query('truncate evidence');
    }
  });

  it('fails when it cannot be started', async () => {
    const { ref } = await planned();
    const check: GateCheck = { run: 'command', command: ['no-such-program-here'], timeoutMs: 1_000 };
    expect(await evaluate(ref, check).result).toMatchObject({
      kind: 'failed',
      summary: expect.stringContaining('could not be started') as string,
    });
  });

  it('keeps its heart beating while the command says nothing for minutes', async () => {
    const { ref } = await planned();
    const [begun, end] = [join(world.dataDirectory, 'begun'), join(world.dataDirectory, 'end')];
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    try {
      const gate = evaluate(ref, sh(`touch ${begun}; until [ -e ${end} ]; do sleep 0.05; done`, 60_000));
      let beats = 0;
      gate.hearts.on('heartbeat', () => (beats += 1));
      await eventually(() => expect(existsSync(begun)).toBe(true));
      vi.advanceTimersByTime(300_000);
      expect(beats).toBeGreaterThan(400);
      writeFileSync(end, '');
      expect(await gate.result).toMatchObject({ kind: 'passed' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('ends with its run', async () => {
    const { ref } = await planned();
    const gate = evaluate(ref, sh('sleep 60', 60_000));
    await new Promise((resolve) => gate.hearts.once('heartbeat', resolve));
    gate.cancel();
    await expect(gate.result).rejects.toBeInstanceOf(CancelledFailure);
  });
});

describe('a gate that is evaluated again', () => {
  const told: GateCheck = {
    run: 'command',
    command: ['sh', '-c', 'echo "$SLUICE_ATTEMPT $SLUICE_GATE_KEY"'],
    timeoutMs: 60_000,
  };
  const output = async (id: string | null) =>
    String((await evidenceOf(id))['output'])
      .trim()
      .split(' ');

  it('because a worker was lost: tells the command so, under the same key', async () => {
    const { ref } = await planned();
    const [one, firstKey] = await output((await evaluate(ref, told).result).evidence);
    await world.pool.query('truncate evidence');
    const [two, secondKey] = await output((await evaluate(ref, told, { attempt: 2 }).result).evidence);
    expect([one, two]).toEqual(['1', '2']);
    expect(secondKey).toBe(firstKey);
    expect(firstKey).toContain(`${ref.run}/pre/a-gate/`);
    const [, otherKey] = await output((await evaluate(ref, told, { activityId: 'later' }).result).evidence);
    expect(otherKey).not.toBe(firstKey);
  });

  it('because a worker was lost after it had stored what it found: runs nothing', async () => {
    const { ref } = await planned();
    const first = await evaluate(ref, told).result;
    const again: GateCheck = { run: 'command', command: ['sh', '-c', 'exit 1'], timeoutMs: 60_000 };
    expect(await evaluate(ref, again, { attempt: 2 }).result).toEqual(first);
  });
});

describe('a gate whose check cannot be done', () => {
  const inconclusive = (why: string) => ({
    kind: 'inconclusive',
    summary: expect.stringContaining(why) as string,
    evidence: expect.stringMatching(/^evd_/) as string,
  });

  it('is inconclusive when a secret is not there', async () => {
    const { ref } = await planned();
    const credentials = { username: 'ada', password: { secretRef: 'env:NOT_SET' } };
    const link = { type: 'mqtt', name: 'link', broker: 'mqtt://127.0.0.1:1', topic: 't' } as const;
    const check = { ...link, timeoutMs: 1_000, retryCount: 0, credentials };
    expect(await evaluate(ref, { run: 'health_check', checks: [check] }).result).toEqual(inconclusive('env:NOT_SET'));
  });

  it('is inconclusive when the approved plan is gone', async () => {
    const { ref } = await planned();
    const missing = { ...ref, planId: 'plan_gone' };
    expect(await evaluate(missing, { run: 'firmware_validation' }).result).toEqual(inconclusive('plan_gone'));
  });

  it('is answered even when its evidence cannot be stored', async () => {
    const { ref } = await planned();
    await world.pool.query('alter table evidence add constraint broken check (run_id is null)');
    const outcome = await evaluate(ref, { run: 'http', check: http() }).result;
    await world.pool.query('alter table evidence drop constraint broken');
    expect(outcome).toEqual({ kind: 'passed', summary: 'api: 200 (its evidence could not be stored)', evidence: null });
  });
});

describe('a gate with nothing to run', () => {
  it('is not evaluated', async () => {
    const { ref } = await planned();
    expect(await evaluate(ref, { run: 'none' }).result).toMatchObject({ kind: 'not_evaluated', evidence: null });
  });
});
