import { proxyActivities } from '@temporalio/workflow';
import type { FleetActivities } from '#domain/ports/fleet.port.ts';
import type { RunContext } from '../deploy/run-context.ts';
import { fleetEffect } from '../runtime/profiles.ts';

/** The fleet's activities on this run's queue, with what people read beside them. */
export function fleetActivities({ record }: Pick<RunContext, 'record'>, summary: string): FleetActivities {
  return proxyActivities<FleetActivities>({ ...fleetEffect, taskQueue: record.input.queues.fleet, summary });
}
