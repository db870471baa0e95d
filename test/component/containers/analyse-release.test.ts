import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Provider, SettledAnalysis } from '#domain/analysis/analysis.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import { gateContainers } from '../../../activities/containers/gate-containers.ts';
import { openContainerWorld, soon, type ContainerWorld } from '../../support/containers/container-world.ts';
import { analysisOf, judged, lookAt, metricOf } from '../../support/containers/watched.ts';
import { attempt } from '../../support/fleet/fleet-world.ts';

let world: ContainerWorld;
let source: Server;
let address: string;
/** What the source answers, and what it was asked. */
let answer: unknown;
let status: number;
let asked: URL[];

beforeAll(async () => {
  world = await openContainerWorld();
  source = createServer((request, response) => {
    asked.push(new URL(request.url ?? '', address));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(source.address() as AddressInfo).port}`;
});
afterAll(async () => {
  source.closeAllConnections();
  source.close();
  await world.close();
});
beforeEach(async () => {
  world.next();
  [answer, status, asked] = [null, 200, []];
  await world.serving('1.0.0');
});

const nameOf = (release: number, replica: number) => `shop-${release}-${replica}`;

async function shifted(analysis: SettledAnalysis | null): Promise<RunRef> {
  const { ref } = await world.verified('2.0.0', { plan: { analysis } });
  await attempt(world.activities.shiftTraffic, { ...ref, look: null, weightBasisPoints: 2_500, deadlineAt: soon() })
    .result;
  return ref;
}

/** What a look stored of `value`, the latest of each side. */
async function stored(ref: RunRef): Promise<Record<string, number | null>> {
  const { rows } = await world.pool.query<{ arm: string; value: number | null }>(
    `select distinct on (arm) arm, value from analysis_samples where run_id = $1 and metric = 'value'
     order by arm, at desc`,
    [ref.run],
  );
  return Object.fromEntries(rows.map(({ arm, value }) => [arm, value]));
}

describe('values of a metric', () => {
  const measured = async (provider: Provider): Promise<Record<string, number | null>> => {
    const ref = await shifted(analysisOf(metricOf(provider)));
    await lookAt(world, ref);
    world.router.count(nameOf(1, 1), { requests: 100, answers5xx: 1, responseTimeMs: 10 });
    world.router.count(nameOf(2, 1), { requests: 50, failures: 5, responseTimeMs: 30 });
    expect(await lookAt(world, ref)).toEqual({ kind: 'healthy' });
    return stored(ref);
  };

  it('are the router’s error rates since the last one', async () => {
    const rates = await measured({ type: 'haproxy', metric: 'error_rate_percent' });
    expect(rates).toEqual({ experiment: 10, control: 1 });
  });

  it('are the router’s response times', async () => {
    const times = await measured({ type: 'haproxy', metric: 'response_time_ms' });
    expect(times).toEqual({ experiment: 30, control: 10 });
  });

  it('are the router’s requests per second', async () => {
    const { experiment, control } = await measured({ type: 'haproxy', metric: 'requests_per_second' });
    expect(experiment).toBeGreaterThan(0);
    expect((control ?? 0) / (experiment ?? 1)).toBeCloseTo(2);
  });

  it('are the engine’s: memory and CPU, the mean of a side', async () => {
    const memory = await measured({ type: 'container_stats', metric: 'memory_bytes' });
    expect(memory).toEqual({ experiment: 4_000_000, control: 4_000_000 });
    world.next();
    await world.serving('1.0.0');
    const cpu = await measured({ type: 'container_stats', metric: 'cpu_percent' });
    expect(cpu['experiment']).toBeGreaterThan(0);
    expect(cpu['control']).toBeGreaterThan(0);
  });

  it('are Prometheus’s, asked for each version', async () => {
    answer = { status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value: [1, '4.5'] }] } };
    const query = 'errors{version="{{args.version}}",arm="{{args.arm}}"}';
    expect(await measured({ type: 'prometheus', address, query })).toEqual({ experiment: 4.5, control: 4.5 });
    expect(asked[0]?.pathname).toBe('/api/v1/query');
    expect([...new Set(asked.map((url) => url.searchParams.get('query')))].sort()).toEqual([
      'errors{version="1.0.0",arm="control"}',
      'errors{version="2.0.0",arm="experiment"}',
    ]);
  });

  it('are Prometheus’s scalars too, and none where its answer is empty', async () => {
    answer = { status: 'success', data: { resultType: 'scalar', result: [1, '7'] } };
    expect(await measured({ type: 'prometheus', address, query: 'x' })).toEqual({ experiment: 7, control: 7 });
    answer = { status: 'success', data: { resultType: 'vector', result: [] } };
    world.next();
    await world.serving('1.0.0');
    expect(await measured({ type: 'prometheus', address, query: 'x' })).toEqual({ experiment: null, control: null });
  });

  it('are those of any JSON, by a path', async () => {
    answer = { data: { results: [{ value: 3 }] } };
    const url = `${address}/of/{{args.version}}`;
    const provider = { type: 'http_json', url, jsonPath: 'data.results.0.value' } as const;
    expect(await measured(provider)).toEqual({ experiment: 3, control: 3 });
    expect(new Set(asked.map(({ pathname }) => pathname))).toEqual(new Set(['/of/1.0.0', '/of/2.0.0']));
  });
});

describe('the loop of a metric', () => {
  const json = (failure = 'result > 5') =>
    metricOf({ type: 'http_json', url: address, jsonPath: 'value' }, { failure });

  it('that failed is a breach, with its measurements as evidence', async () => {
    answer = { value: 4 };
    const ref = await shifted(analysisOf(json()));
    expect(await lookAt(world, ref)).toEqual({ kind: 'healthy' });
    answer = { value: 6 };
    expect(await lookAt(world, ref)).toMatchObject({
      kind: 'unhealthy',
      criterion: 'analysis',
      summary: expect.stringMatching(/^analysis failed: value: /) as string,
      evidence: expect.stringMatching(/^evd_/) as string,
    });
    expect(await lookAt(world, ref, { onAnalysis: false })).toEqual({ kind: 'healthy' });
    expect(await lookAt(world, ref)).toMatchObject({ criterion: 'analysis' });
  });

  it('whose source answers nothing useful is inconclusive, after the errors that are allowed', async () => {
    const ref = await shifted(analysisOf(json()));
    status = 500;
    expect(await lookAt(world, ref)).toEqual({ kind: 'healthy' });
    [status, answer] = [200, { value: 'many' }];
    expect(await lookAt(world, ref)).toMatchObject({
      kind: 'inconclusive',
      why: expect.stringMatching(/^analysis: value: /) as string,
    });
  });

  it('that meets neither of its conditions is inconclusive', async () => {
    answer = { value: 5 };
    const wish = { success: 'result < 3', failure: 'result > 7' };
    const ref = await shifted(analysisOf(metricOf({ type: 'http_json', url: address, jsonPath: 'value' }, wish)));
    expect(await lookAt(world, ref)).toMatchObject({ kind: 'inconclusive' });
  });

  it('does not wait for another look where it falls due a moment after one', async () => {
    const provider: Provider = { type: 'haproxy', metric: 'error_rate_percent' };
    const ref = await shifted(analysisOf(metricOf(provider, { loop: { intervalMs: 200 } })));
    await lookAt(world, ref);
    await lookAt(world, ref);
    const { rows } = await world.pool.query<{ at: Date }>(
      `select at from analysis_samples where run_id = $1 and metric = 'value' and arm = 'experiment'`,
      [ref.run],
    );
    expect(rows).toHaveLength(2);
  });

  it('is not asked more often than it wants', async () => {
    answer = { value: 1 };
    const loop = { intervalMs: 60_000 };
    const ref = await shifted(analysisOf(metricOf({ type: 'http_json', url: address, jsonPath: 'value' }, { loop })));
    await lookAt(world, ref);
    const times = asked.length;
    await lookAt(world, ref);
    expect(asked).toHaveLength(times);
  });

  it('of a dry run has no effect', async () => {
    answer = { value: 9 };
    const wish = { failure: 'result > 5', loop: { isDryRun: true } };
    const ref = await shifted(analysisOf(metricOf({ type: 'http_json', url: address, jsonPath: 'value' }, wish)));
    expect(await lookAt(world, ref)).toEqual({ kind: 'healthy' });
  });
});

describe('the judge', () => {
  const COUNT = 30;
  const two = analysisOf(
    metricOf({ type: 'haproxy', metric: 'error_rate_percent' }, { name: 'errors' }),
    metricOf({ type: 'haproxy', metric: 'response_time_ms' }, { name: 'times' }),
    metricOf({ type: 'haproxy', metric: 'requests_per_second' }, { name: 'requests' }),
    metricOf({ type: 'container_stats', metric: 'memory_bytes' }, { name: 'memory' }),
    metricOf({ type: 'container_stats', metric: 'cpu_percent' }, { name: 'cpu' }),
  );

  /** Values about 10 on each side; about `worse` on that of the new version for `metrics`. */
  async function sample(ref: RunRef, metrics: readonly string[], worse = 20): Promise<void> {
    for (const { name } of two.metrics) {
      const mean = metrics.includes(name) ? worse : 10;
      await world.pool.query(
        `insert into analysis_samples (run_id, metric, arm, at, value)
         select r.run_id, $2, side, r.shifted_at + n * interval '1 microsecond',
           (case side when 'experiment' then $3::float8 else 10 end) + (n * 7 % 11) / 10.0
         from releases r, generate_series(1, $4::int) n, unnest(array['experiment', 'control']) side
         where r.run_id = $1`,
        [ref.run, name, mean, COUNT],
      );
    }
  }

  it('passes a version that is like the one before', async () => {
    const ref = await shifted(two);
    await sample(ref, []);
    expect(await judged(world, ref)).toMatchObject({
      kind: 'passed',
      summary: expect.stringContaining('100') as string,
    });
  });

  it('does not decide by itself about one that is a little worse', async () => {
    const ref = await shifted(two);
    await sample(ref, ['times']);
    expect(await judged(world, ref)).toMatchObject({
      kind: 'inconclusive',
      summary: expect.stringMatching(/^score 80 of 100: times High \(1\.9\d ×\)$/) as string,
    });
  });

  it('fails one that is worse, and shows everything that it looked at', async () => {
    const ref = await shifted(two);
    await sample(ref, ['times', 'errors']);
    const verdict = await judged(world, ref);
    expect(verdict).toMatchObject({ kind: 'failed' });
    expect(JSON.stringify(verdict.evidence)).toContain('"median"');
  });

  it('looks only at what was measured since the share changed last', async () => {
    const ref = await shifted(two);
    await sample(ref, ['times', 'errors']);
    await attempt(world.activities.shiftTraffic, { ...ref, look: null, weightBasisPoints: 5_000, deadlineAt: soon() })
      .result;
    await sample(ref, []);
    expect(await judged(world, ref)).toMatchObject({ kind: 'passed' });
  });

  it('does not pass a version of which nothing was measured', async () => {
    const ref = await shifted(two);
    expect((await judged(world, ref)).kind).not.toBe('passed');
  });

  it('has nothing to say before traffic moved, or without an analysis', async () => {
    const { ref } = await world.verified('2.0.0', { plan: { analysis: two } });
    expect(await judged(world, ref)).toMatchObject({ kind: 'inconclusive', summary: 'no traffic was moved yet' });
    const plain = await world.prepared('3.0.0');
    expect(await judged(world, plain.ref)).toMatchObject({ kind: 'not_evaluated' });
  });

  it('is what a gate asks, beside which instances and images there are', async () => {
    const ref = await shifted(two);
    await sample(ref, []);
    const gate = gateContainers(world.deps);
    expect(await attempt(gate.judge, ref).result).toMatchObject({ kind: 'passed' });
    expect((await attempt(gate.instancesOf, ref).result).map(({ name }) => name)).toEqual([nameOf(2, 1), nameOf(2, 2)]);
    const [image] = await attempt(gate.imageOf, ref).result;
    expect(image).toEqual({ engine: 'local', digest: `sha256:${'a'.repeat(64)}` });
    const fresh = await world.run('4.0.0');
    expect(await attempt(gate.instancesOf, fresh).result).toEqual([]);
    world.engines.local.setUp(false);
    const asked = attempt(gate.imageOf, ref).result;
    world.engines.local.setUp(true);
    expect(await asked).toEqual([image]);
  });
});
