import {
  markEnded,
  markReleased,
  unfinishedEmergencies,
  type EmergencyRow,
} from '../../../activities/adapters/postgres/emergencies.ts';
import { releaseCoordinator } from '../../../activities/adapters/temporal/hold-coordinator.ts';
import { emergencyWorkflowId } from '#domain/emergency/emergency.ts';
import type { EngineDeps } from '../engine.ts';
import { readWorkflowEnd } from '../runs/workflow-end.ts';
import { startEmergency } from './start-emergency.ts';

interface KeptEmergency {
  readonly id: string;
  readonly what: 'started' | 'cut short: its environment is open again';
}

/**
 * Starts emergencies whose starter died before, and gives environments back whose emergency somebody terminated. One that
 * cannot be kept keeps no other waiting; the first error of all is thrown at the end.
 */
export async function keepEmergencies(deps: EngineDeps): Promise<KeptEmergency[]> {
  const pool = await deps.database();
  const kept: KeptEmergency[] = [];
  const failures: unknown[] = [];
  for (const row of await unfinishedEmergencies(pool)) {
    try {
      const what = await keep(deps, row);
      if (what !== null) kept.push({ id: row.id, what });
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return kept;
}

async function keep(
  deps: EngineDeps,
  { id, environment, input, endedAt }: EmergencyRow,
): Promise<KeptEmergency['what'] | null> {
  const client = await deps.temporal();
  const pool = await deps.database();
  const end = await readWorkflowEnd(client, emergencyWorkflowId(id));
  if (end.kind === 'open') return null;
  if (end.kind === 'missing' && endedAt === null) {
    await startEmergency(client, input);
    return 'started';
  }
  await markEnded(pool, id, end.kind === 'closed' ? end.at : new Date().toISOString());
  await releaseCoordinator(client, environment, id);
  await markReleased(pool, id);
  return 'cut short: its environment is open again';
}
