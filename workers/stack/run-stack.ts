import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { UP_PID_FILE } from '../../client/engine/live-stack.ts';
import { endLeftovers } from '../../client/engine/stack/leftovers.ts';
import { PART_TITLES } from '../../client/engine/stack/part-names.ts';
import { ownIdentity } from '../../client/engine/stack/process-identity.ts';
import { writeRunRecord } from '../../client/engine/stack/run-records.ts';
import { writeStackFile, type StackPart } from '../../client/engine/stack/stack-file.ts';
import { forgetStack } from '../../client/engine/stack/stop-stack.ts';
import { variablesOf, type PortName, type Settings } from '../../client/engine/settings.ts';
import { refuseTakenPorts } from './claim-ports.ts';
import { lockDataDirectory } from './data-directory-lock.ts';
import type { PartEvent } from './part-runner.ts';
import type { EmbeddedPart, Part } from './part.ts';
import { Stack } from './stack.ts';
import type { StopRequest } from './stop-request.ts';

/** What people are told while the stack starts and runs. */
export interface Narrator {
  /** Parts of an earlier, killed stack were ended. */
  leftoversEnded(count: number): void;
  /** These parts are being started. */
  starting(titles: readonly string[]): void;
  /** One of them is ready for the first time. */
  partReady(title: string): void;
  started(parts: readonly StackPart[], tookMs: number): void;
  partEnded(title: string, why: string): void;
  partBack(title: string, tookMs: number): void;
  stopping(): void;
  stopped(): void;
}

export interface StackOptions {
  readonly settings: Settings;
  readonly logLevel: string;
  readonly parts: readonly Part[];
  readonly narrator: Narrator;
  readonly logger: Logger;
  readonly stop: StopRequest;
}

/**
 * Runs the stack until it is asked to stop; nothing of it runs when this returns or throws.
 * Throws STACK_ALREADY_RUNNING, PORT_IN_USE, COMPONENT_MISSING (all before anything started), STACK_PART_FAILED, DATABASE_NEWER.
 */
export async function runStack(options: StackOptions): Promise<void> {
  const { settings, parts, narrator } = options;
  const lock = await lockDataDirectory(settings.dataDirectory);
  try {
    const leftovers = await endLeftovers(settings.dataDirectory);
    if (leftovers > 0) narrator.leftoversEnded(leftovers);
    const stackParts = await describeParts(parts);
    await refuseTakenPorts(settings, portsOf(parts));
    announce(settings, stackParts);
    await runUntilStopped(options, stackParts);
  } finally {
    lock.release();
  }
}

async function runUntilStopped(options: StackOptions, stackParts: readonly StackPart[]): Promise<void> {
  const { settings, parts, narrator, logger, stop } = options;
  const { dataDirectory } = settings;
  const startedAt = Date.now();
  const stack = new Stack(parts, { dataDirectory, env: environmentOf(options) }, tell(narrator, logger));
  stop.onForce(() => stack.kill());
  narrator.starting(stackParts.filter(({ embedded }) => embedded).map(({ title }) => title));
  try {
    if (await stop.wins(stack.start())) return;
    logger.info({ tookMs: Date.now() - startedAt, parts: stackParts }, 'the stack is up');
    narrator.started(stackParts, Date.now() - startedAt);
    await stop.requested;
  } finally {
    narrator.stopping();
    await stack.stop();
    forgetStack(dataDirectory);
    logger.info('the stack is down');
    narrator.stopped();
  }
}

async function describeParts(parts: readonly Part[]): Promise<StackPart[]> {
  const describe = async (part: Part): Promise<StackPart> => ({
    name: part.name,
    title: PART_TITLES[part.name],
    version: part.kind === 'embedded' ? await part.version() : '',
    address: part.address,
    embedded: part.kind === 'embedded',
  });
  return Promise.all(parts.map(describe));
}

const portsOf = (parts: readonly Part[]): PortName[] =>
  parts.flatMap((part) => (part.kind === 'embedded' ? part.ports : []));

function announce({ dataDirectory, ports, listenHost }: Settings, parts: readonly StackPart[]): void {
  const startedAt = new Date().toISOString();
  writeRunRecord(dataDirectory, 'up', { ...ownIdentity(), command: process.argv, startedAt, restarts: 0 });
  writeFileSync(join(dataDirectory, UP_PID_FILE), `${process.pid}\n`);
  writeStackFile(dataDirectory, { ports, listenHost, startedAt, parts });
}

const environmentOf = ({ settings, logLevel }: StackOptions): Record<string, string> => ({
  ...variablesOf(settings),
  SLUICE_LOG_LEVEL: logLevel,
});

function tell(narrator: Narrator, logger: Logger): (part: EmbeddedPart, event: PartEvent) => void {
  return (part, event) => {
    const title = PART_TITLES[part.name];
    if (event.kind === 'ended') {
      logger.warn(
        { name: part.name, why: event.why, againInMs: event.againInMs },
        `${title} ended, it is started again`,
      );
      narrator.partEnded(title, event.why);
      return;
    }
    logger.info({ name: part.name, tookMs: event.tookMs, restarts: event.restarts }, `${title} is ready`);
    if (event.restarts > 0) narrator.partBack(title, event.tookMs);
    else narrator.partReady(title);
  };
}
