/** One wave of `deploy status --output json`. */
export interface WaveStatus {
  readonly wave: number;
  readonly state: string;
  readonly offered?: number;
  readonly succeeded?: number;
  readonly failed?: number;
  readonly rejected?: number;
  readonly timed_out?: number;
}
