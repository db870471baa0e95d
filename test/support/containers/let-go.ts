// What people do who rolled back by hand and want to deploy again.
import type { EngineDeps, Person } from '../../../client/engine/engine.ts';
import { holdsInForce } from '../../../client/engine/holds/holds-in-force.ts';
import { unpinVersion } from '../../../client/engine/holds/pin-version.ts';

interface Pinned {
  readonly environment: string;
  readonly application: string;
  readonly person: Person;
}

/** Unpins the application where it is pinned. */
export async function letGo(deps: EngineDeps, { environment, application, person }: Pinned): Promise<void> {
  const { pins } = await holdsInForce(await deps.database(), environment);
  if (!pins.some(({ subject }) => subject === application)) return;
  await unpinVersion(deps, { environment, application, person, reason: 'to deploy again' });
}
