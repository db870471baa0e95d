// What the process of requests is told on its input (a line each) and writes on its output (a line of JSON each).
import type { Latency } from '../measure/histogram.ts';

/** `begin NAME` and `end NAME` bound a window; `stop` ends the process after its last report. */
export type LoadOrder = `begin ${string}` | `end ${string}` | 'stop';

export const REQUEST_KINDS = ['keepAlive', 'short', 'stream', 'webSocket'] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

export interface KindCounts {
  /** All that came to an end, failed ones too. */
  readonly requests: number;
  readonly failed: number;
  /** Kept connections that the server closed before one byte of the answer; each was tried once more on a new one (RFC 9112, 9.3.1). */
  readonly races: number;
  /** Answered after more than 500 ms. Streams and WebSockets: until the first byte. */
  readonly slow: number;
  readonly latency: Latency;
}

export interface Failure {
  readonly kind: RequestKind;
  readonly reason: string;
  /** Since the start of the window. */
  readonly atMs: number;
}

/** What ended between `begin` and `end`. */
export interface WindowReport {
  readonly name: string;
  readonly durationMs: number;
  readonly kinds: Readonly<Record<RequestKind, KindCounts>>;
  /** Answers by the version that gave them; `proxy` for the proxy's own. */
  readonly versions: Readonly<Record<string, number>>;
  /** The first 20. */
  readonly failures: readonly Failure[];
}

export type LoadReport =
  | { readonly kind: 'running' }
  | { readonly kind: 'window'; readonly window: WindowReport }
  | { readonly kind: 'stopped' };

export interface LoadOptions {
  readonly host: string;
  readonly port: number;
  readonly keepAliveConnections: number;
  /** Over all kept connections. */
  readonly keepAlivePerSecond: number;
  readonly shortPerSecond: number;
  readonly streams: number;
  readonly webSockets: number;
  /** How long a stream and a WebSocket last. */
  readonly longSeconds: number;
}
