// What the engine sends to a run in a person's name.
import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertPlan } from '../../../activities/adapters/postgres/plans.ts';
import type { EngineDeps, Person } from '../../../client/engine/engine.ts';
import { applyConfiguration } from '../../../client/engine/environments/apply-configuration.ts';
import { planDigest } from '../../../client/engine/plans/digest.ts';
import { commandRun, decideGate, overrideGate } from '../../../client/engine/runs/command-run.ts';
import { executePlan } from '../../../client/engine/runs/execute-plan.ts';
import { misshapen } from '#domain/run/command-shape.ts';
import type { AnyCommand, CommandName } from '#domain/run/commands.ts';
import type { RunInput } from '#domain/run/run-input.ts';
import { aPlan } from '../../support/runs/plan-builder.ts';
import { openTestEngine, type TestEngine } from '../../support/registry/test-engine.ts';

const ada: Person = { name: 'ada', roles: ['approver', 'tester'], verified: false };

let engine: TestEngine;
let run: string;
const started: RunInput[] = [];
const sent: { name: CommandName; args: AnyCommand; updateId: string }[] = [];

/** Temporal that takes everything, and remembers it. */
const temporal = {
  connection: { withDeadline: (_deadline: number, work: () => Promise<unknown>) => work() },
  workflow: {
    start: async (_type: string, options: { args: [RunInput] }) => void started.push(options.args[0]),
    getHandle: () => ({
      executeUpdate: async ({ name }: { name: CommandName }, options: { args: [AnyCommand]; updateId: string }) =>
        void sent.push({ name, args: options.args[0], updateId: options.updateId }),
    }),
  },
} as unknown as Client;

const deps = (): EngineDeps => ({
  settings: engine.deps.settings,
  database: () => engine.deps.database(),
  dataDirectory: () => engine.deps.dataDirectory(),
  temporal: async () => temporal,
  containers: engine.deps.containers,
  close: async () => undefined,
});

beforeAll(async () => {
  engine = await openTestEngine();
  const content = JSON.stringify({ environments: { production: { name: 'production', device_groups: [] } } });
  await applyConfiguration(engine.deps, { by: 'test', file: { name: 'test', content } });
  const plan = aPlan();
  await insertPlan(await engine.deps.database(), { plan, digest: planDigest(plan) });
  ({ run } = await executePlan(deps(), { planId: plan.planId, person: ada }));
});
afterAll(() => engine.close());

it('a start says who started it, and that nobody proved who that is', () => {
  const reason = 'no reason given';
  expect(started[0]?.startedBy).toEqual({ by: 'ada', via: 'cli', verified: false, reason });
});

describe('a command', () => {
  const wish = () => ({ run, person: ada, reason: 'because' });
  const envelope = { by: 'ada', via: 'cli', verified: false, reason: 'because' };

  it.each([
    ['pauseRun', () => commandRun(deps(), 'pauseRun', wish()), {}],
    ['resumeRun', () => commandRun(deps(), 'resumeRun', wish()), {}],
    ['cancelRun', () => commandRun(deps(), 'cancelRun', wish()), {}],
    ['rollBackRun', () => commandRun(deps(), 'rollBackRun', wish()), {}],
    [
      'decideGate',
      () => decideGate(deps(), { ...wish(), decision: 'reject' }),
      { gate: null, decision: 'reject', digest: planDigest(aPlan()), roles: ada.roles },
    ],
    [
      'overrideGate',
      () => overrideGate(deps(), { ...wish(), gate: 'security_scan' }),
      { gate: 'security_scan', roles: ada.roles },
    ],
  ] as const)('%s carries the person, their roles where they count, and a whole command', async (name, send, more) => {
    const { commandId } = await send();
    expect(sent.at(-1)).toEqual({ name, args: { commandId, ...envelope, ...more }, updateId: commandId });
    expect(misshapen(name, sent.at(-1)?.args)).toBeNull();
  });
});
