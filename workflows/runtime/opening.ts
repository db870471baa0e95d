import { clearanceAt, type Clearance, type Timing } from '#domain/windows/clearance.ts';
import type { RunInput } from '#domain/run/run-input.ts';
import type { Iso } from '#domain/time.ts';

/** Somebody's word that lets a run go on before its window opens or its time comes. */
interface StartNow {
  readonly by: string;
  readonly reason: string;
  /** As if it had opened now: from then on windows count again. Null: it would never have opened. */
  readonly until: Iso | null;
}

/** Whether a run may begin its next effect: by its windows and its schedule, and by what people said of them. */
export class Opening {
  #timing: Timing;
  #startNow: StartNow | null = null;
  #isEndAsked = false;

  constructor({ windows = [], schedule }: Pick<RunInput, 'windows' | 'schedule'>) {
    this.#timing = { windows, schedule: schedule ?? null };
  }

  /** True where nothing ever holds the run. */
  get isAlways(): boolean {
    return this.#timing.windows.length === 0 && this.#timing.schedule === null;
  }

  /** After its end was asked about, only windows hold. */
  clearance(at: Iso): Clearance {
    if (this.startedNow(at) !== null) return { kind: 'go' };
    return clearanceAt(this.#isEndAsked ? { ...this.#timing, schedule: null } : this.#timing, at);
  }

  /** When to look again: when it opens, or when its time is over before that. */
  lookAgainAt(opensAt: Iso | null): Iso | null {
    const endsAt = this.#isEndAsked ? null : (this.#timing.schedule?.endsAt ?? null);
    if (opensAt === null || endsAt === null) return opensAt ?? endsAt;
    return endsAt < opensAt ? endsAt : opensAt;
  }

  /** Whose word counts at `at`; null when nobody's does. */
  startedNow(at: Iso): StartNow | null {
    const said = this.#startNow;
    return said !== null && (said.until === null || at < said.until) ? said : null;
  }

  startNow(said: StartNow): void {
    this.#startNow = said;
  }

  /** From now on only its schedule holds it. */
  leaveWindows(): void {
    this.#timing = { ...this.#timing, windows: [] };
  }

  /** A person is asked what to do as the scheduled time is over: who resumes goes on beyond it. */
  noteEndAsked(): void {
    this.#isEndAsked = true;
  }
}
