/** The task queues of a run; they come with its input, never from constants in workflow code, so that a rehearsal can name others. */
export interface RunQueues {
  readonly fleet: string;
  readonly telemetry: string;
  readonly data: string;
  /** Missing in runs that began before there were containers; those never ask for it. */
  readonly docker: string;
}

/** Every run of an emergency is carried out on the one queue that no ordinary work comes to. */
export const onOneQueue = (queue: string): RunQueues => ({
  fleet: queue,
  telemetry: queue,
  data: queue,
  docker: queue,
});

export const DEFAULT_QUEUES: RunQueues & { readonly orchestrator: string; readonly emergency: string } = {
  orchestrator: 'sluice-orchestrator',
  fleet: 'sluice-fleet',
  telemetry: 'sluice-telemetry',
  data: 'sluice-data',
  docker: 'sluice-docker',
  emergency: 'sluice-emergency',
};

/** Temporal hands out tasks of this priority before those of ordinary runs, which have 3. */
export const EMERGENCY_PRIORITY = { priorityKey: 1 } as const;
