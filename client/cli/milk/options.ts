export interface ConfigOption {
  readonly config: string;
}

export interface ReasonOptions extends ConfigOption {
  readonly reason: string;
}

export interface RollbackOptions extends ReasonOptions {
  readonly to?: string;
}

export interface ScaleOptions extends ReasonOptions {
  readonly count: number;
}

export interface LogOptions extends ConfigOption {
  readonly lines: number;
  readonly follow?: boolean;
}
