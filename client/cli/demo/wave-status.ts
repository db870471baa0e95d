/** One wave of `deploy status --output json`; a wave nobody was offered yet has no counts. */
export interface WaveStatus {
  readonly wave: number;
  readonly state: string;
  readonly offered?: number;
  readonly succeeded?: number;
  readonly failed?: number;
  readonly rejected?: number;
  readonly timed_out?: number;
}
