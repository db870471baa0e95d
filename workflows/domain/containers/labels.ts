/** What every container of ours bears, so that it is found again after a crash or without the database. */
export interface ContainerLabels {
  readonly environment: string;
  readonly application: string;
  readonly version: string;
  readonly release: number;
  /** 1-based. */
  readonly replica: number;
  readonly run: string;
  readonly step: string;
  /** Of the run that created it: a lower one must not touch it. */
  readonly generation: number;
  /** SHA-256 of the container's spec. */
  readonly spec: string;
  /** Digest of the plan. */
  readonly plan: string;
}

type NamedBy = Pick<ContainerLabels, 'application' | 'release' | 'replica'>;

/**
 * `shop-7-2`: the name is the lock, the engine gives each to one container only. Environments may share an engine, so an
 * application counts its releases over all of them.
 */
export const containerName = ({ application, release, replica }: NamedBy): string =>
  `${application}-${release}-${replica}`;
