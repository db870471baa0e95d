import type { EngineAddress } from '../containers/engine-address.ts';
import type { RegistryCredentials } from '../containers/container-spec.ts';
import type { Arm } from '../containers/route.ts';
import type { EngineFacts, PinnedImage, Replica } from './container-engine.port.ts';
import type { RouterFacts } from './router.port.ts';

/** One container of ours beside what the router does with it. */
export interface ObservedInstance extends Replica {
  readonly arm: Arm | null;
  /** Null: the router does not know it. */
  readonly routed: {
    readonly up: boolean;
    readonly state: 'ready' | 'drain' | 'maint';
    readonly inFlight: number;
  } | null;
}

export interface ObservedEngine {
  readonly name: string;
  readonly answer:
    { readonly kind: 'facts'; readonly facts: EngineFacts } | { readonly kind: 'silent'; readonly why: string };
}

/** What really runs in an environment, asked of engines and router and not of the database. */
export interface ObservedEnvironment {
  readonly environment: string;
  readonly engines: readonly ObservedEngine[];
  readonly router:
    { readonly kind: 'facts'; readonly facts: RouterFacts } | { readonly kind: 'silent'; readonly why: string };
  readonly applications: readonly ObservedApplication[];
  /** Rows that were missing in the database and were rebuilt from what was seen: in words. */
  readonly rebuilt: readonly string[];
}

export interface ObservedApplication {
  readonly application: string;
  readonly address: { readonly host: string; readonly port: number } | null;
  /** Share of the arm that is not stable. */
  readonly canaryBasisPoints: number;
  readonly stableArm: Arm | null;
  readonly instances: readonly ObservedInstance[];
}

export interface InstanceLog {
  readonly instance: string;
  readonly lines: readonly string[];
}

export interface EnvironmentCheck {
  readonly name: 'resource_availability' | 'network_connectivity' | 'service_health';
  readonly kind: 'passed' | 'failed' | 'inconclusive';
  /** What was looked at and found, one line each. */
  readonly findings: readonly string[];
  readonly hint: string;
}

interface Place {
  readonly environment: string;
  readonly engines: readonly EngineAddress[];
}

/**
 * What commands ask the docker worker once, outside any run: the command line itself holds no credential of an engine.
 * Implemented by `activities/containers`; queue `docker`.
 */
export interface ContainerOperations {
  /** What a tag means now. */
  resolveImage(input: {
    readonly reference: string;
    readonly credentials: RegistryCredentials | null;
    readonly engines: readonly EngineAddress[];
  }): Promise<PinnedImage>;
  /** With `rebuild`, rows that the database lost are written again. */
  observeEnvironment(input: Place & { readonly rebuild: boolean }): Promise<ObservedEnvironment>;
  readLogs(
    input: Place & { readonly application: string; readonly instance: string | null; readonly lines: number },
  ): Promise<InstanceLog[]>;
  validateEnvironment(input: Place): Promise<EnvironmentCheck[]>;
}
