/** The task queues of a run; they come with its input, never from constants in workflow code, so that a rehearsal can name others. */
export interface RunQueues {
  readonly fleet: string;
  readonly telemetry: string;
  readonly data: string;
  /** Missing in runs that began before there were containers; those never ask for it. */
  readonly docker: string;
}

export const DEFAULT_QUEUES: RunQueues & { readonly orchestrator: string } = {
  orchestrator: 'sluice-orchestrator',
  fleet: 'sluice-fleet',
  telemetry: 'sluice-telemetry',
  data: 'sluice-data',
  docker: 'sluice-docker',
};
