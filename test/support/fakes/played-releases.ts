// Releases of many applications that change nothing but the database's own record of them; some are held where a test wants it.
import { Context } from '@temporalio/activity';
import { pino } from 'pino';
import type { PlanId } from '#domain/ids.ts';
import type { GateActivities } from '#domain/ports/gates.port.ts';
import type { EffectRef, ReleaseActivities, ReleaseOutcome, UndoInput } from '#domain/ports/release.port.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { WatchActivities } from '#domain/ports/watch.port.ts';
import { findPlan } from '../../../activities/adapters/postgres/plans.ts';
import { inTransaction, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import {
  insertRelease,
  markStable,
  markWithdrawn,
  releaseOfRun,
  stableRelease,
  type ReleaseRow,
} from '../../../activities/adapters/postgres/release-rows.ts';
import { appendJournal } from '../../../activities/runtime/append-journal.ts';
import { fail, failureOf } from '../../../activities/runtime/fail.ts';
import { errorReport } from '#domain/errors/failure.ts';

const HOLD_LOOK_MS = 50;
const DONE: ReleaseOutcome = { kind: 'done', summary: 'done', facts: {} };

export class PlayedReleases {
  readonly activities: ReleaseActivities & WatchActivities & GateActivities;
  /** Versions whose instances never become ready until somebody stops them. */
  readonly heldVersions = new Set<string>();
  /** `application version` of which nothing becomes ready. */
  readonly broken = new Set<string>();
  /** Of each effect: when, by which run. */
  readonly staged: { readonly run: string; readonly application: string; readonly version: string }[] = [];
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
    const effect = async (input: EffectRef) => (await this.#store(input), DONE);
    this.activities = {
      prepareRelease: async (input) => (await this.#store(input), this.#prepare(input)),
      stageInstances: async (input) => (await this.#store(input), this.#stage(input)),
      promoteRelease: async (input) => (await this.#store(input), this.#promote(input)),
      removeInstances: (input) => this.#withdraw(input),
      returnTraffic: async () => ({ summary: 'returned', left: 0, facts: {} }),
      ...{ pullImage: effect, verifyInstances: effect, shiftTraffic: effect, retireInstances: effect },
      ...{ holdRequests: effect, releaseRequests: effect, runHook: effect },
      evaluateGate: async () => ({ kind: 'passed', summary: 'passed', evidence: null }),
      lookOnce: async () => ({ kind: 'healthy' }),
      watchCriteria: async () => {
        throw failureOf(errorReport('NOTHING_YET', { look: Context.current().info.attempt }), {
          nextRetryDelayMs: 60_000,
        });
      },
    };
  }

  async #store({ journal }: EffectRef): Promise<void> {
    if (journal) await appendJournal({ pool: this.#pool, logger: pino({ level: 'silent' }) }, journal);
  }

  async #prepare(ref: RunRef) {
    const row = await inTransaction(this.#pool, async (connection) => {
      await connection.query("select pg_advisory_xact_lock(hashtext('played releases'))");
      const made = await releaseOfRun(connection, ref.run);
      if (made) return made;
      const stored = await findPlan(connection, ref.planId as PlanId);
      if (stored?.plan.kind !== 'container-release') throw new Error(`no plan ${ref.planId}`);
      const { environment, application } = stored.plan;
      const before = await stableRelease(connection, environment.name, application.name);
      const { rows } = await connection.query<{ next: number }>(
        'select coalesce(max(release), 0) + 1 as next from releases where application = $1',
        [application.name],
      );
      const release = rows[0]?.next ?? 1;
      const row: ReleaseRow = {
        ...{ environment: environment.name, application: application.name, release, run: ref.run, planId: ref.planId },
        ...{ generation: release, version: application.version, digest: application.image.digest, arm: 'a' },
        ...{ listenPort: 8_100, spec: application, state: 'staging', before: before?.release ?? null },
      };
      await insertRelease(connection, row);
      return row;
    });
    const before = row.before === null ? null : await stableRelease(this.#pool, row.environment, row.application);
    return {
      ...{
        release: row.release,
        generation: row.generation,
        arm: row.arm,
        address: { host: '127.0.0.1', port: 8_100 },
      },
      before: before && { release: before.release, version: before.version, arm: before.arm, replicas: 1 },
    };
  }

  async #stage({ run }: RunRef): Promise<ReleaseOutcome> {
    const row = await releaseOfRun(this.#pool, run);
    if (!row) return fail('RELEASE_OUTDATED', { application: run, environment: '', why: 'not prepared' });
    const { application, version } = row;
    this.staged.push({ run, application, version });
    if (this.broken.has(`${application} ${version}`))
      return { kind: 'unhealthy', summary: 'not ready', evidence: null };
    while (this.heldVersions.has(version)) {
      Context.current().heartbeat();
      await Context.current().sleep(HOLD_LOOK_MS);
    }
    return DONE;
  }

  async #promote({ run }: RunRef): Promise<ReleaseOutcome> {
    await inTransaction(this.#pool, async (connection) => {
      const row = await releaseOfRun(connection, run);
      if (row) await markStable(connection, row);
    });
    return DONE;
  }

  async #withdraw({ run }: UndoInput) {
    await inTransaction(this.#pool, async (connection) => {
      const row = await releaseOfRun(connection, run);
      if (row) await markWithdrawn(connection, row);
    });
    return { summary: 'removed', left: 0, facts: {} };
  }
}
