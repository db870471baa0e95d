/** What the watch of a release remembers and measured: tables `release_watches`, `analysis_samples`, `user_reports`. */
import type { MetricSamples } from '#domain/analysis/classify-metric.ts';
import type { SampleWindow } from '#domain/analysis/judge.ts';
import { freshMemory, type Side, type WatchMemory } from '#domain/containers/release-watch.ts';
import type { Iso } from '#domain/time.ts';
import { jsonText } from './json-text.ts';
import type { Connection, Pool } from './pool.ts';

/** The memory of a run's watch, held against another look until the transaction ends. */
export async function lockWatchMemory(connection: Connection, run: string, at: Iso): Promise<WatchMemory> {
  await connection.query(
    'insert into release_watches (run_id, memory) values ($1, $2) on conflict (run_id) do nothing',
    [run, jsonText(freshMemory(at))],
  );
  const { rows } = await connection.query<{ memory: WatchMemory }>(
    'select memory from release_watches where run_id = $1 for update',
    [run],
  );
  return rows[0]?.memory ?? freshMemory(at);
}

export async function writeWatchMemory(connection: Connection, run: string, memory: WatchMemory): Promise<void> {
  await connection.query('update release_watches set memory = $2 where run_id = $1', [run, jsonText(memory)]);
}

export interface Sample {
  readonly metric: string;
  readonly side: Side;
  readonly value: number | null;
}

export async function insertSamples(
  connection: Connection,
  run: string,
  { at, samples }: { readonly at: Iso; readonly samples: readonly Sample[] },
): Promise<void> {
  await connection.query(
    `insert into analysis_samples (run_id, metric, arm, at, value)
     select $1, metric, side, $2, value from unnest($3::text[], $4::text[], $5::float8[]) as given(metric, side, value)
     on conflict do nothing`,
    [run, at, samples.map((one) => one.metric), samples.map((one) => one.side), samples.map((one) => one.value)],
  );
}

/** Samples of a window by metric, in order of their time. */
export async function readSamples(
  pool: Pool,
  run: string,
  { from, until }: SampleWindow,
): Promise<Record<string, MetricSamples>> {
  const { rows } = await pool.query<{ metric: string; side: Side; values: (number | null)[] }>(
    `select metric, arm as side, array_agg(value order by at) as values from analysis_samples
     where run_id = $1 and at >= $2 and at <= $3 group by metric, arm`,
    [run, from, until],
  );
  const samples: Record<string, { experiment: (number | null)[]; control: (number | null)[] }> = {};
  for (const { metric, side, values } of rows) {
    samples[metric] = { experiment: [], control: [], ...samples[metric], [side]: values };
  }
  return samples;
}

/** Reports of users about a run. */
export async function countReports(pool: Pool, run: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'select count(*)::int as count from user_reports where run_id = $1',
    [run],
  );
  return rows[0]?.count ?? 0;
}
