/** The parts of one installation in the order in which they start. */
export const PART_NAMES = [
  'postgres',
  'temporal',
  'mosquitto',
  'haproxy',
  'docker',
  'registry',
  'worker',
  'gateway',
  'http',
] as const;
export type PartName = (typeof PART_NAMES)[number];

/** As people know them. */
export const PART_TITLES: Readonly<Record<PartName, string>> = {
  postgres: 'PostgreSQL',
  temporal: 'Temporal',
  mosquitto: 'mosquitto',
  haproxy: 'HAProxy',
  docker: 'Docker Engine',
  registry: 'image registry',
  worker: 'worker',
  gateway: 'gateway',
  http: 'HTTP server',
};
