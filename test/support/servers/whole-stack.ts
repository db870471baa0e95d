import { findMosquitto } from '../../../client/engine/stack/components/mosquitto-program.ts';
import { findPostgresPrograms } from '../../../client/engine/stack/components/postgres-programs.ts';
import { findTemporalCli } from '../../../client/engine/stack/components/temporal-programs.ts';
import { needs } from '../requires.ts';

/** For tests whose servers `sluice up` starts in a process of its own. */
export function needsWholeStack(): void {
  needs('PostgreSQL', findPostgresPrograms);
  needs('a Temporal server', findTemporalCli);
  needs('mosquitto', findMosquitto);
}
