import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockStarts } from '../../../activities/adapters/postgres/run-places.ts';
import { applyConfiguration } from '../../../client/engine/environments/apply-configuration.ts';
import { eventually } from '../../support/eventually.ts';
import { openCliWorld, type Answer, type CliWorld } from './cli-world.ts';
import { spawnSluice, startSluice } from './spawn-sluice.ts';

const CONFIGURATION = {
  environments: {
    staging: {},
    production: { promote_from: 'staging', promote_with: { strategy: 'immediate', bake: '0s' } },
  },
};
const TO_PRODUCTION = ['promote', '--from', 'staging', '--to', 'production'];

let world: CliWorld;
let staged: string;

const planOf = async (environment: string): Promise<string> => {
  const file = join(world.deps.settings.dataDirectory, `${environment}.json`);
  const plan = { name: 'edge', firmware_version: '1.1.0', target_environment: environment, strategy: 'immediate' };
  writeFileSync(file, JSON.stringify({ ...plan, bake: '0s' }));
  return file;
};

beforeAll(async () => {
  world = await openCliWorld();
  const folder = world.deps.settings.dataDirectory;
  const file = { name: 'test', content: JSON.stringify(CONFIGURATION) };
  await applyConfiguration(world.deps, { by: 'test', file });
  for (const version of ['1.0.0', '1.1.0']) {
    writeFileSync(join(folder, `${version}.bin`), `bytes of ${version}`);
    const label = ['--name', 'edge', '--version', version, '--hardware', 'edge-a'];
    await world.json('artifact', 'add', join(folder, `${version}.bin`), ...label);
  }
  await world.json('device', 'add', 'dev-1', '--hardware', 'edge-a', '--firmware', '1.0.0');
});
afterAll(() => world.close());

const errorOf = (answer: Answer): string | undefined => answer.error?.code;
const productionPlans = async (): Promise<string[]> =>
  (
    await world.pool.query<{ plan: string }>(`select plan_id as plan from plans where environment = 'production'`)
  ).rows.map(({ plan }) => plan);
const productionRuns = async (): Promise<object[]> =>
  (await world.pool.query<object>(`select 1 from runs where environment = 'production'`)).rows;

describe('firmware that staging has to prove first', () => {
  it('is not planned for production before', async () => {
    const refused = await world.json('plan', 'create', '--config', await planOf('production'));
    expect(errorOf(refused)).toBe('PROMOTION_NEEDED');
    expect(errorOf(await world.json(...TO_PRODUCTION))).toBe('PROMOTION_NEVER_DEPLOYED');
  });

  it('can be promoted once its run there has completed', async () => {
    const made = await world.json('plan', 'create', '--config', await planOf('staging'));
    const ended = await world.json('deploy', 'execute', '--plan-id', String(made['plan_id']), '--watch');
    expect(ended).toMatchObject({ status: 'completed' });
    staged = String(ended['execution_id']);
    const planned = await world.json(...TO_PRODUCTION, '--plan-only');
    expect(planned).toMatchObject({
      from: 'staging',
      to: 'production',
      promotions: [{ firmware: 'edge', firmware_version: '1.1.0', source_execution_id: staged, status: 'planned' }],
    });
    const [plan = ''] = await productionPlans();
    const shown = await world.sluice('plan', 'show', '--plan-id', plan);
    expect(shown.stdout).toContain(`promoted from staging (${staged})`);
    expect(shown.stdout).toContain('immediate');
  });

  it('loses nothing when the command is killed between plan and start', async () => {
    const [planned = ''] = await productionPlans();
    const connection = await world.pool.connect();
    try {
      await connection.query('begin');
      await lockStarts(connection, 'production');
      const killed = startSluice([...TO_PRODUCTION, '--output', 'json'], world.env);
      // Stands where its next write is the run's row.
      await eventually(async () => {
        const { rows } = await world.pool.query(
          `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
             and query like '%pg_advisory_xact_lock%'`,
        );
        expect(rows).not.toEqual([]);
      });
      killed.child.kill('SIGKILL');
      await killed.ended;
    } finally {
      await connection.query('rollback');
      connection.release();
    }
    expect(await productionRuns()).toEqual([]);
    const again = JSON.parse((await spawnSluice([...TO_PRODUCTION, '--output', 'json'], world.env)).stdout) as Answer;
    expect(again).toMatchObject({ promotions: [{ status: 'started', plan_id: planned, plan_from_before: true }] });
    expect(await productionPlans()).toEqual([planned]);
    expect(await productionRuns()).toHaveLength(1);
  });

  it('says of the run where it comes from', async () => {
    const { rows } = await world.pool.query<{ run: string }>(
      `select run_id as run from runs where environment = 'production'`,
    );
    const run = rows[0]?.run ?? '';
    const ended = await world.json('run', 'watch', run);
    expect(ended).toMatchObject({
      status: 'completed',
      promoted_from: { environment: 'staging', execution_id: staged },
    });
    const shown = await world.sluice('run', 'show', run);
    expect(shown.stdout.replaceAll(/\s+/g, ' ')).toContain(`promoted from staging (${staged})`);
    expect((await world.sluice('env', 'show', 'production')).stdout).toContain('only what passed in staging');
  });

  it('is nothing to promote once production has it', async () => {
    expect(errorOf(await world.json(...TO_PRODUCTION))).toBe('PROMOTION_NOOP');
    await world.pool.query(`update devices set firmware = '1.1.0'`);
    expect(errorOf(await world.json(...TO_PRODUCTION, '--application', 'edge'))).toBe('PROMOTION_NOOP');
    expect(errorOf(await world.json(...TO_PRODUCTION, '--application', 'edge', '--version', '7'))).toBe(
      'PROMOTION_VERSION_UNKNOWN',
    );
  });

  it.each([['--version 1.1.0'], ['--watch'], ['--application edge --plan-only --watch']])(
    'is not promoted by a command that says two things: %s',
    async (options) => {
      expect(errorOf(await world.json(...TO_PRODUCTION, ...options.split(' ')))).toBe('USAGE');
    },
  );
});
