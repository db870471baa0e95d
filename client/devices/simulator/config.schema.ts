/** What one simulated fleet is told before it is switched on: who the devices are, which of them fail and how fast they work. */
import { z } from 'zod';

const thing = z
  .string()
  .regex(/^[A-Za-z0-9:_-]{1,128}$/)
  .describe('Thing name: client id and the name in every topic.');

export const FaultMode = z.enum([
  'refuse',
  'crash-in-install',
  'boot-loop',
  'slow',
  'offline',
  'never-confirm',
  'report-old',
]);
export type FaultMode = z.infer<typeof FaultMode>;

export const Fault = z
  .strictObject({
    version: z.string().min(1).describe("Firmware version that brings the fault out; '*' is every version."),
    mode: FaultMode,
    percent: z.number().min(0).max(100).describe('Share of the fleet that is hit; the same devices every time.'),
    delayMs: z.int().min(0).optional().describe('slow: time added to an install. Default 10,000.'),
    forMs: z.int().min(0).optional().describe('offline: how long the device stays away. Default 10,000.'),
  })
  .readonly();
export type Fault = z.infer<typeof Fault>;

export const Device = z
  .strictObject({
    thing,
    username: z.string().min(1).optional().describe('MQTT and download user. Default: the thing name.'),
    password: z.string(),
    hardware: z.string().min(1),
    firmware: z.string().min(1).describe('Version the device left the factory with; the ledger overrides it.'),
  })
  .readonly();
export type Device = z.infer<typeof Device>;

export const Timings = z
  .strictObject({
    downloadMs: z.int().min(0).default(0).describe('Least time a download takes.'),
    installMs: z.int().min(0).default(0).describe('Time between the report "installing" and the write to flash.'),
    rebootMs: z.int().min(0).default(0).describe('Time a device is dark between power off and the next boot.'),
    retryMs: z.int().min(1).default(3000).describe('First repetition of an unanswered request; doubles up to 60 s.'),
    jitterMs: z.int().min(0).default(1000).describe('Random time added to every repetition and reconnect.'),
  })
  .readonly();
export type Timings = z.infer<typeof Timings>;

export const SimulatorConfig = z
  .strictObject({
    mqttUrl: z.string().regex(/^mqtts?:\/\//),
    publicKeyPem: z.string().describe('Ed25519 public key (SPKI PEM) every device trusts.'),
    ledgerPath: z.string().min(1).describe('The flash of the fleet: append-only JSON lines.'),
    devices: z
      .array(Device)
      .min(1)
      .refine((all) => new Set(all.map((one) => one.thing)).size === all.length, 'a thing is named twice'),
    faults: z.array(Fault).default([]),
    timings: Timings.prefault({}),
    concurrentConnects: z.int().min(1).default(64).describe('Connections being opened at the same time.'),
  })
  .readonly();
export type SimulatorConfig = z.infer<typeof SimulatorConfig>;

/** The checked configuration in `text`; throws an `Error` whose message lists every wrong path, one a line. */
export function parseConfig(text: string): SimulatorConfig {
  const parsed = SimulatorConfig.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.') || '(root)'}: ${issue.message}`);
  throw new Error(`The simulator's configuration is refused:\n${lines.join('\n')}`);
}
