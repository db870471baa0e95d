/** A process to start: argument list instead of a shell line, so that no path needs quoting. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** The user that it runs as, when it is not this process's own. */
  readonly account?: Account;
}

/** A user of the operating system, by its numbers. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}
