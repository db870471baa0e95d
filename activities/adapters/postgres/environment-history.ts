/** What was deployed to an environment, and when it was frozen or pinned: read from runs, releases, freezes and pins. */
import type { RunId } from '#domain/ids.ts';
import type { Phase } from '#domain/run/run-state.ts';
import type { RunSubject } from '#domain/run/run-view.ts';
import type { Iso } from '#domain/time.ts';
import { iso } from './holds.ts';
import type { Pool } from './pool.ts';

/** One run, as what it delivered stands now. */
export interface Delivered {
  readonly at: Iso;
  readonly run: RunId;
  readonly subject: RunSubject;
  /** Of the image or of the firmware's bytes. */
  readonly digest: string;
  readonly phase: Phase;
  readonly by: string;
  /** The number of its release where it became stable; null for a fleet, and for one that never did. */
  readonly release: number | null;
  /** Among the stable releases of its application, the one in use being the first; of a fleet the completed rollouts, latest first. */
  readonly rank: number | null;
}

/** A freeze or a pin that began or ended. */
export interface HoldEvent {
  readonly at: Iso;
  readonly kind: 'frozen' | 'unfrozen' | 'freeze-over' | 'pinned' | 'unpinned';
  /** Null for a freeze. */
  readonly subject: string | null;
  readonly versions: readonly string[];
  /** Null when its time was over. */
  readonly by: string | null;
  readonly reason: string;
  /** Of a freeze that began. */
  readonly until: Iso | null;
  /** The run that went back to it. */
  readonly run: string | null;
}

interface Wanted {
  readonly environment: string;
  readonly application: string | undefined;
  readonly limit: number;
}

/** The latest first; open runs by their start. */
export async function readDelivered(pool: Pool, { environment, application, limit }: Wanted): Promise<Delivered[]> {
  const { rows } = await pool.query<Delivered>(
    `with stable as (
       select run_id, release, row_number() over (
         partition by application order by state = 'stable' desc, stable_at desc, release desc) as rank
       from releases where environment = $1 and state in ('stable', 'retired') and stable_at is not null
     ), rolled_out as (
       select run_id, row_number() over (order by completed_at desc, run_id desc) as rank
       from runs where environment = $1 and kind = 'fleet-rollout' and phase = 'completed'
     )
     select ${iso('coalesce(r.completed_at, r.started_at)')} as at, r.run_id as run,
       jsonb_build_object('kind', case when p.document->'application' is null then 'firmware' else 'application' end,
         'name', w.what->>'name', 'version', w.what->>'version') as subject,
       coalesce(w.what->'image'->>'digest', w.what->>'sha256') as digest,
       r.phase, r.started_by as by, s.release, coalesce(s.rank, o.rank)::int as rank
     from runs r join plans p using (plan_id)
       cross join lateral (select coalesce(p.document->'application', p.document->'firmware') as what) w
       left join stable s using (run_id) left join rolled_out o using (run_id)
     where r.environment = $1 and ($2::text is null or r.subject = $2)
     order by coalesce(r.completed_at, r.started_at) desc, r.run_id desc limit $3`,
    [environment, application ?? null, limit],
  );
  return rows;
}

/** The latest first. A pin that a later way back moved ends with that one's beginning. */
export async function readHoldEvents(pool: Pool, { environment, application, limit }: Wanted): Promise<HoldEvent[]> {
  const { rows } = await pool.query<HoldEvent>(
    `select ${iso('at')} as at, kind, subject, versions, by, reason, ${iso('until')} as until, run from (
       select frozen_at as at, 'frozen' as kind, null::text as subject, '{}'::text[] as versions, frozen_by as by,
         reason, until, null::text as run, 0 as turn from freezes where environment = $1
       union all select lifted_at, 'unfrozen', null, '{}', lifted_by, lift_reason, null, null, 1
         from freezes where environment = $1 and lifted_at is not null
       union all select until, 'freeze-over', null, '{}', null, reason, null, null, 1
         from freezes where environment = $1 and lifted_at is null and until <= now()
       union all select pinned_at, 'pinned', subject, versions, pinned_by, reason, null, run_id, 0
         from pins where environment = $1 and ($2::text is null or subject = $2)
       union all select ended_at, 'unpinned', subject, versions, ended_by, end_reason, null, null, 1
         from pins where environment = $1 and ended_as = 'unpinned' and ($2::text is null or subject = $2)
     ) as events order by events.at desc, turn desc limit $3`,
    [environment, application ?? null, limit],
  );
  return rows;
}
