import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listPlans } from '../../../client/engine/plans/load-plan.ts';
import { openPlanningWorld, type PlanningWorld } from '../../support/plans/planning-world.ts';
import { runCli } from '../../support/registry/run-cli.ts';
import { LAUNCHER } from './spawn-sluice.ts';

const CTRL_C = '\u0003';

let world: PlanningWorld;
beforeAll(async () => {
  world = await openPlanningWorld();
  await world.apply('environments: { bench: { stage: staging }, field: { stage: staging } }');
  await world.firmware('1.0.0');
  await world.firmware('1.1.0');
  await world.devices(3);
});
afterAll(() => world.close());

/** A terminal in which a person types each answer when its question has come. */
async function inTerminal(...answers: (readonly [question: string, answer: string])[]) {
  const command = [process.execPath, LAUNCHER, '--data-dir', world.folder, 'plan', 'create', '--interactive'].join(' ');
  const env = { ...process.env, SLUICE_DATABASE_URL: world.databaseUrl, SLUICE_USER: 'lin', NO_COLOR: '1' };
  const child = spawn('script', ['-qec', command, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const left = [...answers];
  let [said, read] = ['', 0];
  child.stdout.on('data', (text: Buffer) => {
    said += text.toString();
    const [question, answer] = left[0] ?? ['', ''];
    if (question === '' || !said.slice(read).includes(question)) return;
    read = said.length;
    left.shift();
    child.stdin.write(answer);
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, said: said.replaceAll('\r', '') };
}

describe('plan create --interactive', () => {
  it('makes the plan, and prints the file that makes the same', async () => {
    const { code, said } = await inTerminal(
      ['environment (name or number)', 'bench\n'],
      ['firmware version', '1.1.0\n'],
      ['strategy', 'rolling\n'],
      ['name of the plan', '\n'],
    );
    expect(code, said).toBe(0);
    const [first] = await listPlans(world.deps);
    expect(said).toContain(`✓ ${first?.planId}`);
    const content = /^name: .*/ms.exec(said.slice(said.indexOf('the same by file')))?.[0] ?? '';
    const file = join(world.folder, 'plan.yaml');
    writeFileSync(file, content);
    const again = await runCli(world, 'plan', 'create', '--config', file, '--output', 'json');
    expect(again.json()).toMatchObject({ plan_id: expect.stringMatching(/^plan_/) as string });
    const [second] = await listPlans(world.deps);
    expect(second).toMatchObject({ name: 'edge 1.1.0 to bench', environment: 'bench', version: '1.1.0' });
    expect(first).toMatchObject({ name: 'edge 1.1.0 to bench', environment: 'bench', version: '1.1.0' });
  });

  it('leaves nothing behind after Ctrl-C, and says so', async () => {
    const before = await listPlans(world.deps);
    const { code, said } = await inTerminal(['environment (name or number)', 'field\n'], ['firmware version', CTRL_C]);
    expect(code, said).toBe(130);
    expect(said).toContain('stopped; no plan was made');
    expect(await listPlans(world.deps)).toEqual(before);
  });

  it('is refused where nobody can answer, naming the file', async () => {
    const { exitCode, stdout } = await runCli(world, 'plan', 'create', '--interactive', '--output', 'json');
    expect(exitCode).toBe(2);
    const { error } = JSON.parse(stdout) as { error: { code: string; hint: string } };
    expect(error).toMatchObject({ code: 'USAGE', hint: expect.stringContaining('--config FILE') as string });
  });

  it('needs one of the two ways, and takes not both', async () => {
    const neither = await runCli(world, 'plan', 'create');
    expect(neither).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--config FILE, or --interactive') as string,
    });
    const both = await runCli(world, 'plan', 'create', '--interactive', '--config', 'plan.yaml');
    expect(both.exitCode).toBe(2);
  });
});
