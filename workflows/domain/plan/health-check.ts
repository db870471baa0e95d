/** A reference to a secret, resolved only inside activities: `env:NAME` or `file:PATH`. Values never enter a plan or a history. */
export interface SecretRef {
  readonly secretRef: string;
}

/** Headers of a request, variables of a command: by name, each a text or a reference to a secret. */
export type TextsOrSecrets = Readonly<Record<string, string | SecretRef>>;

/** A health check as the configuration has it, durations in milliseconds. `retryCount` further tries are made before it counts as failed. */
export type HealthCheck = HttpHealthCheck | MqttHealthCheck | TcpHealthCheck | CommandHealthCheck | DatabaseHealthCheck;

export interface HttpHealthCheck {
  readonly type: 'http';
  readonly name: string;
  readonly url: string;
  readonly method: string;
  readonly timeoutMs: number;
  readonly expectedStatus: number;
  readonly retryCount: number;
  readonly headers?: TextsOrSecrets;
}

export interface MqttHealthCheck {
  readonly type: 'mqtt';
  readonly name: string;
  /** `mqtt://host:port`, without credentials. */
  readonly broker: string;
  readonly topic: string;
  readonly timeoutMs: number;
  readonly retryCount: number;
  readonly credentials: { readonly username: string; readonly password: SecretRef } | null;
}

/** Well when the port takes a connection. */
export interface TcpHealthCheck {
  readonly type: 'tcp';
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly retryCount: number;
}

/** Well when the command, run on the worker's machine, exits with 0. */
export interface CommandHealthCheck {
  readonly type: 'command';
  readonly name: string;
  /** Program and arguments; no shell reads them. */
  readonly command: readonly string[];
  readonly timeoutMs: number;
  readonly retryCount: number;
  readonly env?: TextsOrSecrets;
}

/** Well when the query succeeds, whatever it returns. */
export interface DatabaseHealthCheck {
  readonly type: 'database';
  readonly name: string;
  /** Of PostgreSQL, with its user and password. */
  readonly connectionString: SecretRef;
  readonly query: string;
  readonly timeoutMs: number;
  readonly retryCount: number;
}
