import type { Device } from '#domain/fleet/device.ts';
import type { CredentialsState } from './await-credentials.ts';
import type { Registered } from './register-devices.ts';
import type { DeviceView } from './show-device.ts';

/** A device as JSON for programs. */
export const deviceDocument = (device: Device) => ({
  thing: device.thing,
  hardware: device.hardware,
  firmware: device.firmware,
  tags: device.tags,
  reported_firmware: device.reportedFirmware,
  reported_at: device.reportedAt,
  last_seen: device.lastSeen,
  registered_at: device.registeredAt,
});

/** The same with what it was offered last. */
export const deviceViewDocument = (view: DeviceView) => ({
  ...deviceDocument(view),
  executions: view.executions.map((execution) => ({
    execution_id: execution.runId,
    job_id: execution.jobId,
    purpose: execution.purpose,
    operation: execution.operation,
    version: execution.version,
    status: execution.status,
    stage: execution.stage,
    queued_at: execution.queuedAt,
    started_at: execution.startedAt,
    updated_at: execution.updatedAt,
    details: execution.details,
  })),
});

/** What a registration did. */
export const registeredDocument = (registered: Registered, credentials: CredentialsState) => ({
  added: registered.added,
  updated: registered.updated,
  unchanged: registered.unchanged,
  firmware_kept: registered.firmwareKept,
  credentials: credentials.kind,
});
