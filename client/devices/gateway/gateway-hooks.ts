/** Places at which a test kills the gateway. The shipped process has none of them armed. */
export interface GatewayHooks {
  /** A batch is committed, none of its answers has left. */
  readonly afterCommit: () => void;
  /** Releases were read, none of them is announced. */
  readonly beforeAnnounce: () => void;
  /** The shard is owned, nothing is served yet. */
  readonly afterClaim: () => void;
}

export const NO_HOOKS: GatewayHooks = {
  afterCommit: () => undefined,
  beforeAnnounce: () => undefined,
  afterClaim: () => undefined,
};
