// The runs of a release's members in memory, for workflow tests: scripted ends, a ledger of what is in use.
import type {
  MemberEnd,
  MemberReturn,
  MemberRuns,
  MemberStart,
  MemberStop,
  ReturnMemberInput,
  StartMemberInput,
  StopMemberInput,
} from '#domain/ports/member.port.ts';

/** What becomes of a member: it stays open while it is `held`. */
export type MemberWord = 'completes' | 'fails' | 'fails-half-way' | 'is-cancelled' | 'refused' | 'held';
/** What becomes of its way back after it completed. */
export type BackWord = 'back' | 'fails' | 'impossible' | 'not-needed';

export interface MembersScript {
  /** By application; default `completes`. */
  readonly does?: Readonly<Record<string, MemberWord>>;
  /** By application; default `back`. */
  readonly back?: Readonly<Record<string, BackWord>>;
}

interface Run {
  readonly application: string;
  end: MemberEnd | null;
}

const ended = (phase: MemberEnd['phase'], reason = '', mayStand = false): MemberEnd => ({ phase, reason, mayStand });

const ENDS: Readonly<Record<Exclude<MemberWord, 'refused'>, MemberEnd | null>> = {
  completes: ended('completed'),
  fails: ended('rolled-back', 'its health check fails'),
  'fails-half-way': ended('rollback-incomplete', 'an engine is away', true),
  'is-cancelled': ended('cancelled', 'ada: no'),
  held: null,
};

/** Starts, stops and returns runs as `script` says; one for each test. */
export class FakeMembers implements MemberRuns {
  /** Every start, stop and return that took effect, in order: `start api`, `stop web`, `return api`. */
  readonly story: string[] = [];
  readonly starts: StartMemberInput[] = [];
  /** By application, what is in use. */
  readonly inUse = new Map<string, 'before' | 'new'>();
  readonly #runs = new Map<string, Run>();
  readonly #never = new Set<string>();
  #script: MembersScript;

  constructor(script: MembersScript = {}) {
    this.#script = script;
  }

  change(script: MembersScript): void {
    this.#script = script;
  }

  /** Lets every open run end as if it were scripted so. */
  endAll(word: Exclude<MemberWord, 'refused'>): void {
    for (const run of this.#runs.values()) if (run.end === null) this.#finish(run, ENDS[word]);
  }

  async start(input: StartMemberInput): Promise<MemberStart> {
    const application = input.planId.replace(/^plan_/, '');
    const word = this.#script.does?.[application] ?? 'completes';
    if (this.#never.has(input.run)) return { kind: 'refused', why: 'it was stopped before it began' };
    if (word === 'refused') return { kind: 'refused', why: 'its plan is stale' };
    if (this.#runs.has(input.run)) return { kind: 'started' };
    this.story.push(`start ${application}`);
    this.starts.push(input);
    const run: Run = { application, end: null };
    this.#runs.set(input.run, run);
    this.#finish(run, ENDS[word]);
    return { kind: 'started' };
  }

  async end(run: string): Promise<MemberEnd | null> {
    return this.#runs.get(run)?.end ?? null;
  }

  async stop({ run: id, planId }: StopMemberInput): Promise<MemberStop> {
    const run = this.#runs.get(id);
    if (!run) {
      this.#never.add(id);
      this.story.push(`never ${planId.replace(/^plan_/, '')}`);
      return { kind: 'never-started' };
    }
    if (run.end === null) {
      this.story.push(`stop ${run.application}`);
      run.end = ended('rolled-back', 'the release is taken back');
    }
    return { kind: 'ended', end: run.end };
  }

  async bringBack({ run: id, member }: ReturnMemberInput): Promise<MemberReturn> {
    const application = this.#runs.get(member)?.application ?? '';
    const word = this.#script.back?.[application] ?? 'back';
    if (word === 'impossible') return { kind: 'impossible', why: 'nothing was in use before it' };
    if (word === 'not-needed') return { kind: 'not-needed', why: '3.0.0 is in use since, and is left alone' };
    if (!this.#runs.has(id)) {
      this.story.push(`return ${application}`);
      const isBack = word === 'back';
      if (isBack) this.inUse.set(application, 'before');
      this.#runs.set(id, { application, end: isBack ? ended('completed') : ended('failed', 'no engine answers') });
    }
    return { kind: 'started', version: '1.0.0' };
  }

  #finish(run: Run, end: MemberEnd | null): void {
    run.end = end;
    if (end?.phase === 'completed') this.inUse.set(run.application, 'new');
  }
}
