// When all runs stand where they were meant to.
import { setTimeout as pause } from 'node:timers/promises';
import { BOOKS_QUERY, coordinatorIdOf } from '#domain/coordination/coordinator-input.ts';
import type { Books } from '#domain/coordination/place.ts';
import type { EngineDeps } from '../../../client/engine/engine.ts';

/** Each look asks every coordinator; oftener it would be a load of its own beside thousands of starts. */
const LOOK_EVERY_MS = 2_000;
const PATIENCE_MS = 20 * 60_000;

export interface Parked {
  readonly awaitingApproval: number;
  readonly baking: number;
  readonly queued: number;
}

/** Looks until `holds`; throws with what was seen last after 20 minutes. */
export async function until<Seen>(look: () => Promise<Seen>, holds: (seen: Seen) => boolean): Promise<Seen> {
  const beganAt = performance.now();
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (performance.now() - beganAt > PATIENCE_MS) throw new Error(`not in time: ${JSON.stringify(seen)}`);
    await pause(LOOK_EVERY_MS);
  }
}

/** How the open runs of these environments stand: by their journals, and by the books of the coordinators. */
export async function parkedIn(deps: EngineDeps, environments: readonly string[]): Promise<Parked> {
  const { rows } = await (
    await deps.database()
  ).query<{ awaiting: number; baking: number }>(
    `select count(*) filter (where phase = 'awaiting-approval')::int as awaiting,
       count(*) filter (where phase = 'running' and view->'step'->>'id' like 'bake-%')::int as baking
     from runs where environment = any($1) and not closed`,
    [environments],
  );
  const client = await deps.temporal();
  const books = await Promise.all(
    environments.map((environment) =>
      client.workflow
        .getHandle(coordinatorIdOf(environment))
        .query<Books>(BOOKS_QUERY)
        .catch(() => null),
    ),
  );
  const queued = books.reduce((sum, one) => sum + (one?.waiting.length ?? 0), 0);
  return { awaitingApproval: rows[0]?.awaiting ?? 0, baking: rows[0]?.baking ?? 0, queued };
}
