// The numbers that a person meets first: where each part listens unless told otherwise.

/** TCP port of each part of one installation. */
export interface Ports {
  http: number;
  temporal: number;
  temporalUi: number;
  mqtt: number;
  postgres: number;
  /** Of the image registry of `sluice up --with-docker`. */
  registry: number;
}

/** What `sluice up` listens on; the Compose file uses the same ones. */
export const DEFAULT_PORTS: Readonly<Ports> = {
  http: 5001,
  temporal: 7233,
  temporalUi: 8233,
  mqtt: 1883,
  postgres: 5433,
  registry: 5005,
};
