/** A reference to a secret, resolved only inside activities: `env:NAME` or `file:PATH`. Values never enter a plan or a history. */
export interface SecretRef {
  readonly secretRef: string;
}

/** Headers of a request, variables of a command: by name, each a text or a reference to a secret. */
export type TextsOrSecrets = Readonly<Record<string, string | SecretRef>>;

/** A health check as the configuration has it, durations in milliseconds. `retryCount` further tries are made before it counts as failed. */
export type HealthCheck = HttpHealthCheck | MqttHealthCheck;

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
