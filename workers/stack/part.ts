import type { PartName } from '../../client/engine/stack/part-names.ts';
import type { PortName } from '../../client/engine/settings.ts';
import type { Command } from './command.ts';

interface Member {
  readonly name: PartName;
  /** Parts that must be ready first; stopped in the opposite order. */
  readonly after: readonly PartName[];
  /** Where people find it; empty for parts without an address. */
  readonly address: string;
  /** Runs once, between the part's first readiness and the start of those that wait for it. */
  whenReady(): Promise<void>;
}

/** A process that `sluice up` starts, and starts again when it dies. */
export interface EmbeddedPart extends Member {
  readonly kind: 'embedded';
  /** The ports that it will listen on, on 127.0.0.1. */
  readonly ports: readonly PortName[];
  /** What asks it to end in good order, and how long that may take before SIGKILL. */
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
  /** The program's version; empty when it is Sluice's own. Throws COMPONENT_MISSING. */
  version(): Promise<string>;
  /** Before every start: files and folders that it needs. */
  prepare(): Promise<void>;
  command(): Command;
  /** True once it does its work; asked again and again after a start. */
  isReady(pid: number): Promise<boolean>;
}

/** One that a variable replaced by a running server of somebody else. */
export interface ExternalPart extends Member {
  readonly kind: 'external';
}

export type Part = EmbeddedPart | ExternalPart;
