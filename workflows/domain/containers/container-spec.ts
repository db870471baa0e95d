import type { SecretRef, TextsOrSecrets } from '../plan/health-check.ts';

/** What every replica of a release is created from; the SHA-256 of its RFC 8785 form stands in label `sluice.spec`. */
export interface ContainerSpec {
  /** What the engine is asked for: `repository@sha256:…`, or the id `sha256:…` of an image that no registry knows. */
  readonly image: string;
  /** Where the application listens inside its container. */
  readonly port: number;
  readonly env: TextsOrSecrets;
  /** Null leaves the image's own. */
  readonly command: readonly string[] | null;
  readonly mounts: readonly Mount[];
  /** Joined beside the engine's default network; the first one gives the address when there is one. */
  readonly networks: readonly string[];
  /** Null sets no limit. */
  readonly limits: { readonly cpus: number | null; readonly memoryBytes: number | null };
  /** From SIGTERM to SIGKILL. */
  readonly stopGraceMs: number;
  /** HEALTHCHECK of the engine itself: each one costs a process start, so none unless asked for. */
  readonly engineHealthCheck: { readonly command: readonly string[]; readonly everyMs: number } | null;
}

export interface Mount {
  readonly kind: 'bind' | 'volume';
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** How to sign in to a registry; the password is never in a plan. */
export interface RegistryCredentials {
  readonly username: string;
  readonly password: SecretRef;
}
