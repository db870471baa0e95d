import type { SlotOperation } from '../fleet/slot-operation.ts';
import type { Sha256 } from '../ids.ts';
import type { ContainerPlan } from './container-plan.ts';
import type { JointPlan } from './joint-plan.ts';
import type { PlanBase } from './plan-base.ts';

/** The immutable, digested list of steps that one run will take. Its digest is SHA-256 over its RFC 8785 form. */
export type Plan = DeliveryPlan | JointPlan;

/** Of a run that delivers one thing. */
export type DeliveryPlan = FleetPlan | ContainerPlan;

/** Firmware for devices. */
export interface FleetPlan extends PlanBase {
  readonly kind: 'fleet-rollout';
  readonly strategy: FleetStrategy;
  readonly firmware: PlannedFirmware;
  readonly selection: DeviceSelection;
  readonly waves: readonly WaveSelection[];
  readonly confirmation: Confirmation;
}

export type FleetStrategy =
  | { readonly kind: 'canary'; readonly percentages: readonly number[] }
  | { readonly kind: 'rolling'; readonly batchPercent: number; readonly upToPercent: number }
  | { readonly kind: 'immediate'; readonly upToPercent: number }
  /** The other slot is filled everywhere, looked at, and then activated everywhere at once. */
  | { readonly kind: 'blue_green'; readonly upToPercent: number; readonly switchTimeoutMs: number };

export interface PlannedFirmware {
  readonly name: string;
  readonly version: string;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly signature: string;
  readonly hardware: readonly string[];
  readonly minimumVersion: string | null;
}

export interface DeviceSelection {
  /** Names of saved groups; empty means every device of the registry. */
  readonly groups: readonly string[];
  /** How many devices they held when the plan was made, and how many ran the version already. */
  readonly devices: number;
  readonly alreadyCurrent: number;
  /** Those that the firmware does not fit: in no wave, offered nothing. Left out when there are none. */
  readonly misfits?: number;
  /** Devices of each wave when the plan was made, those that ran the version already among them. */
  readonly waveDevices?: readonly number[];
  /** What they ran, most frequent first: the versions that a rollback returns to. */
  readonly present?: readonly { readonly firmware: string; readonly devices: number }[];
}

/** How the devices of a wave are chosen. Percentages are cumulative over all targets, rounded up, at least one device. */
export type WaveSelection =
  | {
      readonly kind: 'percent';
      readonly percent: number;
      /** Left out: install. An activation chooses no devices: it takes those that were staged. */
      readonly operation?: Exclude<SlotOperation, 'install'>;
    }
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'filter'; readonly filter: string }
  | { readonly kind: 'devices'; readonly things: readonly string[] };

/** How a device proves that it runs the new version. */
export interface Confirmation {
  /** `succeeded`: its SUCCEEDED after the reboot; `reported`: its reported version must match as well. */
  readonly mode: 'succeeded' | 'reported';
  /** From the end of the install to the confirmation. */
  readonly confirmWithinMs: number;
  /** From IN_PROGRESS to a terminal status. */
  readonly inProgressTimeoutMs: number;
}
