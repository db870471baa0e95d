import type { ContainerSpec, RegistryCredentials } from '../containers/container-spec.ts';
import type { ContainerLabels } from '../containers/labels.ts';
import type { Iso } from '../time.ts';

/** How an image was pinned. Only a registry's digest can be fetched again elsewhere. */
export type PinnedImage =
  | {
      readonly pin: 'registry-digest';
      readonly image: string;
      readonly digest: string;
      readonly sizeBytes: number | null;
    }
  /** No registry knows it: only engines that hold it already can run it. */
  | { readonly pin: 'image-id'; readonly image: string; readonly digest: string; readonly sizeBytes: number | null };

export interface EngineFacts {
  readonly version: string;
  readonly apiVersion: string;
  /** False: a restart of the daemon stops every container. */
  readonly liveRestore: boolean;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly rootDirectory: string;
  /** Null when the engine is on another machine. */
  readonly freeBytes: number | null;
}

export interface NewReplica {
  readonly name: string;
  readonly spec: ContainerSpec;
  /** Secrets resolved; never stored. */
  readonly env: Readonly<Record<string, string>>;
  readonly labels: ContainerLabels;
}

export type ReplicaState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

/** A container of ours as the engine shows it. */
export interface Replica {
  readonly engine: string;
  readonly id: string;
  readonly name: string;
  readonly state: ReplicaState;
  readonly labels: ContainerLabels;
  /** Where the router and probes reach it: valid for this start only. Null while it does not run. */
  readonly address: { readonly host: string; readonly port: number } | null;
  readonly startedAt: Iso | null;
  /** Null unless it exited. */
  readonly exit: { readonly code: number; readonly outOfMemory: boolean; readonly at: Iso } | null;
  readonly image: string;
  readonly imageId: string;
}

export interface ReplicaFilter {
  readonly environment: string;
  readonly application?: string;
  readonly release?: number;
}

export interface PullProgress {
  readonly layers: number;
  readonly layersDone: number;
  readonly receivedBytes: number;
  readonly totalBytes: number;
}

/** One sample; rates follow from two. */
export interface ReplicaUsage {
  readonly name: string;
  readonly at: Iso;
  readonly cpuNs: number;
  readonly memoryBytes: number;
}

export interface ReplicaEvent {
  readonly kind: 'start' | 'die' | 'oom' | 'destroy';
  readonly name: string;
  readonly at: Iso;
  /** Of `die`, else null. */
  readonly exitCode: number | null;
}

export interface CommandResult {
  readonly exitCode: number;
  /** Both streams, the last 8 KiB. */
  readonly output: string;
}

interface Bounded {
  /** Aborted when the activity is cancelled. What the engine has begun goes on there: observe again. */
  readonly signal?: AbortSignal;
}

/**
 * One Docker Engine. Every call is idempotent and observes before it repeats. Errors are the catalogue's:
 * ENGINE_UNREACHABLE (tried again), IMAGE_NOT_FOUND, IMAGE_DIGEST_MISMATCH, IMAGE_PULL_FAILED, ENGINE_DISK_FULL, ENGINE_PORT_TAKEN,
 * CONTAINER_FOREIGN (the name belongs to a container that is not ours, or to a higher generation), ENGINE_REFUSED.
 */
export interface ContainerEngine {
  readonly name: string;
  facts(bounds?: Bounded): Promise<EngineFacts>;
  /** What `reference` (`repository:tag`, `repository@sha256:…`, an image id) means now: the registry is asked first, then the engine. */
  pinImage(reference: string, credentials: ResolvedCredentials | null, bounds?: Bounded): Promise<PinnedImage>;
  /** Afterwards the engine holds the pinned image; at once when it does already. */
  pullImage(
    image: PinnedImage,
    options: Bounded & {
      readonly credentials: ResolvedCredentials | null;
      readonly onProgress?: (progress: PullProgress) => void;
    },
  ): Promise<void>;
  /**
   * Creates the container, or adopts the one of that name when it has the same spec and was made by the same run; one of
   * a lower generation with another spec is replaced.
   */
  createReplica(replica: NewReplica, bounds?: Bounded): Promise<Replica>;
  /** Starts it, if it does not run, and reads its address anew. Throws CONTAINER_STUCK when only a new one can be started. */
  startReplica(name: string, bounds?: Bounded): Promise<Replica>;
  /** Asks it to end, then kills it after `graceMs`; one that does not run is left as it is. */
  stopReplica(name: string, graceMs: number, bounds?: Bounded): Promise<void>;
  /** Resolves when it is gone; one that is not there is gone. */
  removeReplica(name: string, bounds?: Bounded): Promise<void>;
  /** Also those that do not run; only containers with our labels. */
  listReplicas(filter: ReplicaFilter, bounds?: Bounded): Promise<Replica[]>;
  /** Every container with our labels, of any environment: what a lost database is rebuilt from. */
  listAll(bounds?: Bounded): Promise<Replica[]>;
  /** The last lines of both streams, oldest first. */
  logs(name: string, lines: number, bounds?: Bounded): Promise<string[]>;
  /** Lines as they are written, until `signal` is aborted or the container is gone. */
  followLogs(name: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void>;
  run(name: string, command: readonly string[], timeoutMs: number, bounds?: Bounded): Promise<CommandResult>;
  /** One sample of each that runs; a container that is gone is left out. */
  usage(names: readonly string[], bounds?: Bounded): Promise<ReplicaUsage[]>;
  /** Calls back for each event of our containers until `signal` is aborted; reconnects and catches up by itself. */
  watch(onEvent: (event: ReplicaEvent) => void, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Credentials whose password was read; they live in an activity only. */
export type ResolvedCredentials = Omit<RegistryCredentials, 'password'> & { readonly password: string };
