import { expect } from 'vitest';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { eventually } from '../eventually.ts';

/** The jobs that gateways are told of while `work` runs, by sequence number, in order. */
export async function announced(pool: Pool, work: () => Promise<unknown>): Promise<number[]> {
  const gateway = await pool.connect();
  const heard: (string | undefined)[] = [];
  gateway.on('notification', ({ payload }) => heard.push(payload));
  await gateway.query('listen job_release');
  await work();
  // Notifications arrive in the order of their commits: what was said before this one was heard before it.
  await pool.query(`notify job_release, 'end'`);
  await eventually(() => expect(heard).toContain('end'));
  await gateway.query('unlisten job_release');
  gateway.removeAllListeners('notification');
  gateway.release();
  return heard.slice(0, -1).map(Number);
}
