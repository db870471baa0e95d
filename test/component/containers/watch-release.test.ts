import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { RollbackCriteria } from '#domain/plan/plan-base.ts';
import type { WatchMemory } from '#domain/containers/release-watch.ts';
import { findEvidence } from '../../../activities/adapters/postgres/evidence.ts';
import { insertUserReport } from '../../../activities/adapters/postgres/user-reports.ts';
import { openContainerWorld, soon, type ContainerWorld } from '../../support/containers/container-world.ts';
import { lookAt } from '../../support/containers/watched.ts';
import { attempt } from '../../support/fleet/fleet-world.ts';

let world: ContainerWorld;
let ref: RunRef;
beforeAll(async () => {
  world = await openContainerWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  world.next();
  await world.serving('1.0.0');
  ({ ref } = await world.verified('2.0.0'));
  await attempt(world.activities.shiftTraffic, { ...ref, look: null, weightBasisPoints: 2_500, deadlineAt: soon() })
    .result;
});

const nameOf = (release: number, replica: number) => `shop-${release}-${replica}`;
const look = (criteria: Partial<RollbackCriteria> = {}) => lookAt(world, ref, criteria);
const HEALTHY = { kind: 'healthy' };

describe('the failure rate', () => {
  const LIMIT: Partial<RollbackCriteria> = { maxFailureRatePercent: 10, minimumExecuted: 20 };

  it('is that of the new version, both kinds of failure counted', async () => {
    await look(LIMIT);
    world.router.count(nameOf(2, 1), { requests: 20, answers5xx: 2, failures: 1 });
    world.router.count(nameOf(1, 1), { requests: 1_000 });
    const verdict = await look(LIMIT);
    expect(verdict).toMatchObject({
      kind: 'unhealthy',
      criterion: 'failure-rate',
      failureRatePercent: 15,
      summary: 'failure rate 15 % > 10 %: 3 of 20 requests to 2.0.0 failed',
    });
    const { evidence } = verdict as { evidence: string };
    expect(await findEvidence(world.pool, evidence)).toMatchObject({ totals: { experiment: { failed: 3 } } });
  });

  it('counts from the least number of requests on, what came before the first look included', async () => {
    world.router.count(nameOf(2, 1), { requests: 19, answers5xx: 19 });
    expect(await look(LIMIT)).toEqual(HEALTHY);
    world.router.count(nameOf(2, 2), { requests: 1 });
    expect(await look(LIMIT)).toMatchObject({ criterion: 'failure-rate', failureRatePercent: 95 });
  });

  it('is not that of the old version', async () => {
    world.router.count(nameOf(1, 1), { requests: 100, answers5xx: 100 });
    world.router.count(nameOf(2, 1), { requests: 100 });
    expect(await look(LIMIT)).toEqual(HEALTHY);
  });

  it('goes on where it was when the router was restarted', async () => {
    world.router.count(nameOf(2, 1), { requests: 15, answers5xx: 1 });
    expect(await look(LIMIT)).toEqual(HEALTHY);
    world.router.stop();
    await expect(look(LIMIT)).rejects.toMatchObject({ code: 'ROUTER_UNREACHABLE' });
    world.router.start();
    world.router.count(nameOf(2, 1), { requests: 5, answers5xx: 2 });
    expect(await look(LIMIT)).toMatchObject({ summary: 'failure rate 15 % > 10 %: 3 of 20 requests to 2.0.0 failed' });
  });

  it('is not asked for when it was accepted', async () => {
    world.router.count(nameOf(2, 1), { requests: 20, answers5xx: 20 });
    expect(await look({ ...LIMIT, maxFailureRatePercent: null })).toEqual(HEALTHY);
  });
});

describe('instances of the new version', () => {
  const HEALTH: Partial<RollbackCriteria> = { onHealthCheckFailure: true };

  it('that answer are well', async () => {
    expect(await look(HEALTH)).toEqual(HEALTHY);
  });

  it('that ended are found at once, with how', async () => {
    world.engines.local.write(nameOf(2, 2), 'segmentation fault');
    await world.engines.local.end(nameOf(2, 2), 139);
    const verdict = await look(HEALTH);
    expect(verdict).toMatchObject({
      kind: 'unhealthy',
      criterion: 'health-check',
      summary: `${nameOf(2, 2)} of 2.0.0: exited 139`,
    });
    const body = await findEvidence(world.pool, (verdict as { evidence: string }).evidence);
    expect(body?.['instances']).toMatchObject([{ lastLogLines: ['segmentation fault'] }]);
  });

  it('whose containers somebody removed are found', async () => {
    await world.engines.local.removeReplica(nameOf(2, 1));
    expect(await look(HEALTH)).toMatchObject({ summary: `${nameOf(2, 1)} of 2.0.0: the container is gone` });
  });

  it('that answer badly are found after so many looks in a row', async () => {
    let status = 200;
    world.answers.set('3.0.0', (_request, response) => response.writeHead(status).end());
    ({ ref } = await world.verified('3.0.0'));
    const looks = async (...statuses: number[]) => {
      const found = [];
      for (const next of statuses) {
        status = next;
        found.push((await look(HEALTH)).kind);
      }
      return found;
    };
    expect(await looks(500, 500, 200, 500, 500)).toEqual(Array(5).fill('healthy'));
    status = 500;
    expect(await look(HEALTH)).toMatchObject({
      kind: 'unhealthy',
      summary: `${nameOf(3, 1)} of 3.0.0: 500 instead of 200 (and 1 more)`,
    });
  });

  it('that are still starting are not asked yet', async () => {
    world.behaviour.set('3.0.0', { kind: 'ends', code: 1 });
    ({ ref } = await world.staged('3.0.0'));
    expect(await look(HEALTH)).toEqual(HEALTHY);
  });

  it('are not asked for when that was accepted', async () => {
    await world.engines.local.end(nameOf(2, 2), 139);
    expect(await look({ onHealthCheckFailure: false })).toEqual(HEALTHY);
  });
});

describe('response times', () => {
  const SLOWER: Partial<RollbackCriteria> = { performanceDegradationPercent: 20 };
  const LOOKS = 12;

  /** As the router counts them look by look: about so many milliseconds. */
  async function measure(oldMs: number, newMs: number): Promise<void> {
    for (let count = 0; count < LOOKS; count += 1) {
      const noise = (count % 5) - 2;
      world.router.count(nameOf(1, 1), { requests: 10, responseTimeMs: oldMs + noise });
      world.router.count(nameOf(2, 1), { requests: 10, responseTimeMs: newMs - noise });
      await look();
    }
  }

  it('that are worse by more than allowed are found', async () => {
    await measure(100, 130);
    expect(await look(SLOWER)).toMatchObject({
      kind: 'unhealthy',
      criterion: 'performance',
      summary: expect.stringMatching(/^2\.0\.0 answers slower by \d+(\.\d)? % than 1\.0\.0: more than 20 %$/) as string,
      evidence: expect.stringMatching(/^evd_/) as string,
    });
  });

  it('that are a little worse, or better, are not', async () => {
    await measure(100, 110);
    expect(await look(SLOWER)).toEqual(HEALTHY);
  });

  it('are not judged by a few values, nor when that was accepted', async () => {
    world.router.count(nameOf(1, 1), { requests: 10, responseTimeMs: 1 });
    world.router.count(nameOf(2, 1), { requests: 10, responseTimeMs: 900 });
    expect(await look(SLOWER)).toEqual(HEALTHY);
    await measure(100, 900);
    expect(await look()).toEqual(HEALTHY);
  });
});

describe('reports of users', () => {
  const report = (id: string) =>
    insertUserReport(world.pool, { id: `${ref.run}-${id}`, run: ref.run, by: 'lin', summary: '' });

  it('are a breach from the given number on; the same one counts once', async () => {
    await report('one');
    await report('one');
    expect(await look({ userReportedIssues: 2 })).toEqual(HEALTHY);
    await report('two');
    expect(await look({ userReportedIssues: 2 })).toMatchObject({
      criterion: 'user-reports',
      summary: '2 issues reported by users of 2.0.0 (limit 2)',
    });
    expect(await look()).toEqual(HEALTHY);
  });

  it('are a breach from the first on where none is allowed', async () => {
    expect(await look({ userReportedIssues: 0 })).toEqual(HEALTHY);
    await report('one');
    expect(await look({ userReportedIssues: 0 })).toMatchObject({ criterion: 'user-reports' });
  });
});

describe('a watch', () => {
  it('remembers from look to look, whoever looks, and keeps what it measured', async () => {
    world.router.count(nameOf(1, 1), { requests: 5, responseTimeMs: 10 });
    await look();
    world.router.count(nameOf(1, 1), { requests: 3 });
    world.router.count(nameOf(2, 1), { requests: 4, answers5xx: 1, responseTimeMs: 20 });
    await look();
    const { rows } = await world.pool.query<{ memory: WatchMemory }>(
      'select memory from release_watches where run_id = $1',
      [ref.run],
    );
    expect(rows[0]?.memory.totals).toEqual({
      experiment: { requests: 4, failed: 1 },
      control: { requests: 3, failed: 0 },
    });
    const samples = await world.pool.query(
      `select arm, value from analysis_samples where run_id = $1 and metric = 'sluice.response_time_ms'
       order by at, arm desc`,
      [ref.run],
    );
    expect(samples.rows).toEqual([
      { arm: 'experiment', value: null },
      { arm: 'control', value: 10 },
      { arm: 'experiment', value: 20 },
      { arm: 'control', value: expect.any(Number) as number },
    ]);
  });

  it('of a run that has prepared nothing finds nothing', async () => {
    ref = await world.run('4.0.0');
    expect(await look({ onHealthCheckFailure: true })).toEqual(HEALTHY);
  });

  it('cannot look while an engine is away', async () => {
    world.engines.local.setUp(false);
    await expect(look()).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  });
});
