/** What the bench tells its process of devices, and what that says back. */
export type CrowdOrder =
  | { readonly kind: 'connect'; readonly url: string; readonly key: string; readonly things: readonly string[] }
  /** The next job of every device is measured. */
  | { readonly kind: 'measure' };

export type CrowdReport =
  { readonly kind: 'connected' } | { readonly kind: 'measuring' } | ({ readonly kind: 'done' } & CrowdMeasurement);

export interface CrowdMeasurement {
  /** From the first device's notice to the last device's confirmed success. */
  readonly durationMs: number;
  readonly answerLatencyMs: { readonly p50: number; readonly p99: number };
  /** Requests that were sent again. */
  readonly repeats: number;
}
