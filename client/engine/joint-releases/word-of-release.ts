// On whose word a release of several applications acts on its members, and how it says why.
import { openEmergency } from '../../../activities/adapters/postgres/emergencies.ts';
import type { PartOf } from '#domain/ports/member.port.ts';
import type { EngineDeps, Person } from '../engine.ts';
import { patientRead } from '../patient-read.ts';

export const personOf = ({ by, verified }: PartOf): Person => ({ name: by, roles: [], verified });

/** What goes back in an emergency does so by a person's word, and is pinned; the engine's own ways back are not. */
export const wordOf = async (deps: EngineDeps, environment: string): Promise<'emergency' | 'engine'> =>
  (await patientRead(deps, (pool) => openEmergency(pool, environment))) === null ? 'engine' : 'emergency';

/** The reason that a run is given which takes a member back. */
export const takenBack = ({ name }: { readonly name: string }, reason: string): string =>
  `release ${name} is taken back: ${reason}`;
