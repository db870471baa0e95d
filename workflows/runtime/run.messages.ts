import { rawValueTypeInfo, type RawValue } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { RunCommands } from '#domain/run/commands.ts';
import type { RunView } from '#domain/run/run-view.ts';

/** Updates: the caller learns whether the command was taken, or why not (an ApplicationFailure whose type is the catalogue's code). */
export const runUpdates = {
  pauseRun: defineUpdate<RunView, [RunCommands['pauseRun']]>('pauseRun'),
  resumeRun: defineUpdate<RunView, [RunCommands['resumeRun']]>('resumeRun'),
  cancelRun: defineUpdate<RunView, [RunCommands['cancelRun']]>('cancelRun'),
  rollBackRun: defineUpdate<RunView, [RunCommands['rollBackRun']]>('rollBackRun'),
  decideGate: defineUpdate<RunView, [RunCommands['decideGate']]>('decideGate'),
  overrideGate: defineUpdate<RunView, [RunCommands['overrideGate']]>('overrideGate'),
  startRunNow: defineUpdate<RunView, [RunCommands['startRunNow']]>('startRunNow'),
} as const;

/**
 * The same by signal, for callers that need no answer; a refused one is only journaled.
 * @internal those callers are other programs: here only tests send one
 */
export const runSignals = {
  pauseRun: defineSignal<[RunCommands['pauseRun']]>('pauseRun'),
  resumeRun: defineSignal<[RunCommands['resumeRun']]>('resumeRun'),
  cancelRun: defineSignal<[RunCommands['cancelRun']]>('cancelRun'),
  rollBackRun: defineSignal<[RunCommands['rollBackRun']]>('rollBackRun'),
  decideGate: defineSignal<[RunCommands['decideGate']]>('decideGate'),
  overrideGate: defineSignal<[RunCommands['overrideGate']]>('overrideGate'),
  startRunNow: defineSignal<[RunCommands['startRunNow']]>('startRunNow'),
} as const;

/**
 * The same as a run receives them, undecoded: the SDK fails the workflow task, again and again, for a signal that it
 * cannot decode, and anybody may send one.
 */
const UNDECODED = { typeInfo: { inputTypes: [rawValueTypeInfo] } };
export const receivedSignals = {
  pauseRun: defineSignal<[RawValue?]>('pauseRun', UNDECODED),
  resumeRun: defineSignal<[RawValue?]>('resumeRun', UNDECODED),
  cancelRun: defineSignal<[RawValue?]>('cancelRun', UNDECODED),
  rollBackRun: defineSignal<[RawValue?]>('rollBackRun', UNDECODED),
  decideGate: defineSignal<[RawValue?]>('decideGate', UNDECODED),
  overrideGate: defineSignal<[RawValue?]>('overrideGate', UNDECODED),
  startRunNow: defineSignal<[RawValue?]>('startRunNow', UNDECODED),
} as const;

/** The environment has policy rules now: asked before each further step. By signal, as nothing can be refused of it. */
export const policyChanged = defineSignal('policyChanged');

export const runState = defineQuery<RunView>('runState');
/** Every journal entry so far, in order. */
export const runTimeline = defineQuery<JournalEntry[]>('runTimeline');
