import type { ApprovalDecision } from '../approvals/approval.ts';
import type { Phase } from '../run/run-state.ts';

/** The release that a run belongs to, and on whose word. */
export interface PartOf {
  /** The release's own run. */
  readonly release: string;
  /** As people call it. */
  readonly name: string;
  readonly by: string;
  readonly verified: boolean;
}

export interface StartMemberInput {
  /** Chosen by the release beforehand: the same id again is the same run. */
  readonly run: string;
  readonly planId: string;
  readonly digest: string;
  readonly partOf: PartOf;
  /** `rollback`: goes before others, and neither rules nor windows keep it. */
  readonly priority: 'normal' | 'rollback';
  /** Given for the release; they count for the member. */
  readonly decisions: readonly ApprovalDecision[];
}

export type MemberStart = { readonly kind: 'started' } | { readonly kind: 'refused'; readonly why: string };

export interface FollowMemberInput {
  readonly run: string;
  /** Between two looks. */
  readonly everyMs: number;
}

/** How a member's run ended. */
export interface MemberEnd {
  readonly phase: Phase;
  readonly reason: string;
  /** Whether something of the new version may still be there although the run did not complete. */
  readonly mayStand: boolean;
}

export interface StopMemberInput extends FollowMemberInput {
  readonly planId: string;
  readonly partOf: PartOf;
  readonly reason: string;
}

export type MemberStop = { readonly kind: 'never-started' } | { readonly kind: 'ended'; readonly end: MemberEnd };

export interface ReturnMemberInput {
  /** Of the way back; chosen beforehand. */
  readonly run: string;
  /** The completed run that is taken back. */
  readonly member: string;
  readonly partOf: PartOf;
  readonly reason: string;
}

export type MemberReturn =
  /** A run brings `version` back. */
  | { readonly kind: 'started'; readonly version: string }
  | { readonly kind: 'not-needed'; readonly why: string }
  | { readonly kind: 'impossible'; readonly why: string };

/** What a release of several applications does with the runs of its members. Implemented by `activities/joint-releases`; queue `data`. */
export interface MemberActivities {
  /** Starts the member's run as a person would; harmless where it was started already. */
  startMember(input: StartMemberInput): Promise<MemberStart>;
  /** One look per attempt; while the run is open it fails benignly. */
  followMember(input: FollowMemberInput): Promise<MemberEnd>;
  /** Tells an open run to take itself back, and looks until it has ended. One that was not started can never be after this. */
  stopMember(input: StopMemberInput): Promise<MemberStop>;
  /** Starts a run that brings back what the completed member replaced. */
  returnMember(input: ReturnMemberInput): Promise<MemberReturn>;
}

/** The same to whoever can start runs; null while the run is open. */
export interface MemberRuns {
  start(input: StartMemberInput): Promise<MemberStart>;
  end(run: string): Promise<MemberEnd | null>;
  stop(input: StopMemberInput): Promise<MemberStop | null>;
  bringBack(input: ReturnMemberInput): Promise<MemberReturn>;
}
