/** What the program says on its standard output: one JSON object a line, and the sums of a whole life at its end. */
import type { Step, Verdict } from './decide.ts';
import type { LedgerLine } from './flash.ts';

interface OfJob {
  readonly thing: string;
  readonly jobId: string;
}

export type SimulatorEvent =
  | { readonly event: 'connected'; readonly devices: number; readonly elapsedMs: number }
  | { readonly event: 'connect-failed'; readonly thing: string; readonly message: string }
  | { readonly event: 'disconnected' | 'reconnected'; readonly devices: number }
  | (OfJob & { readonly event: LedgerLine['event']; readonly version: string })
  | (OfJob & { readonly event: 'crashed'; readonly during: 'install' | 'boot' })
  | (OfJob & { readonly event: 'offline'; readonly forMs: number })
  | (OfJob & { readonly event: 'silent' })
  | (OfJob & {
      readonly event: 'reported';
      readonly status: Verdict['status'] | 'IN_PROGRESS';
      readonly step?: Step;
      readonly reason?: string;
      readonly firmware?: string;
      readonly accepted: boolean;
      /** The server's rejection code, when the report was refused. */
      readonly code?: string;
    })
  | { readonly event: 'request-refused'; readonly thing: string; readonly code: string };

/** Told even to those who asked for quiet: without them a fleet that never connects looks like one that is slow. */
const ALWAYS: ReadonlySet<SimulatorEvent['event']> = new Set(['connected', 'connect-failed']);
/** A broker that is away makes every device fail at every try; one line in this time is enough. */
const FAILURE_LINE_EVERY_MS = 5_000;

export class EventLog {
  readonly #write: (line: string) => void;
  readonly #quiet: boolean;
  readonly #startedAt = performance.now();
  readonly #counts: Record<string, number> = {};
  #failureToldAt = -Infinity;

  constructor(write: (line: string) => void, quiet: boolean) {
    this.#write = write;
    this.#quiet = quiet;
  }

  get elapsedMs(): number {
    return Math.round(performance.now() - this.#startedAt);
  }

  readonly emit = (event: SimulatorEvent): void => {
    const name = countName(event);
    this.#counts[name] = (this.#counts[name] ?? 0) + 1;
    if (this.#quiet && !ALWAYS.has(event.event)) return;
    if (event.event === 'connect-failed') {
      if (performance.now() - this.#failureToldAt < FAILURE_LINE_EVERY_MS) return;
      this.#failureToldAt = performance.now();
    }
    this.#write(`${JSON.stringify(event)}\n`);
  };

  /** The last line: how often each event happened, reports counted by status and by refusal. */
  summary(sums: Readonly<Record<string, number>>): string {
    return `${JSON.stringify({ event: 'summary', elapsedMs: this.elapsedMs, ...sums, counts: this.#counts })}\n`;
  }
}

function countName(event: SimulatorEvent): string {
  if (event.event !== 'reported') return event.event;
  return event.accepted ? `reported ${event.status}` : `refused ${event.status}`;
}
