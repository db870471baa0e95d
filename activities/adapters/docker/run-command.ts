import { sluiceError } from '#domain/errors/failure.ts';
import type { CommandResult } from '#domain/ports/container-engine.port.ts';
import { ask, bounded, open, type DockerClient } from './client.ts';
import { expectAnswer } from './errors.ts';
import { FrameReader } from './frames.ts';
import type { Signal } from './replicas.ts';

const PREPARE_TIMEOUT_MS = 15_000;
const OUTPUT_KEPT_BYTES = 8_192;

export interface CommandOfContainer {
  readonly name: string;
  readonly command: readonly string[];
  readonly timeoutMs: number;
}

/** Runs it in the running container. Throws CONTAINER_UNKNOWN, CONTAINER_COMMAND_TIMED_OUT: an engine cannot end it, it may still run. */
export async function runCommand(
  client: DockerClient,
  { name, command, timeoutMs }: CommandOfContainer,
  signal: Signal,
): Promise<CommandResult> {
  const what = `run ${command.join(' ')} in ${name}`;
  const question = { what, timeoutMs: PREPARE_TIMEOUT_MS, signal };
  const options = { Cmd: [...command], AttachStdout: true, AttachStderr: true };
  const exec = await ask(client, question, (abort) =>
    client.docker.getContainer(name).exec(bounded(options, abort)),
  ).catch((error: unknown) => {
    expectAnswer(error, 404);
    throw sluiceError('CONTAINER_UNKNOWN', { name, engine: client.engine }, { cause: error });
  });
  const limit = AbortSignal.timeout(timeoutMs);
  const bounds = AbortSignal.any([limit, ...(signal ? [signal] : [])]);
  try {
    const stream = await open(client, { ...question, signal: bounds }, (abort) =>
      exec.start(bounded({ hijack: false, stdin: false }, abort)),
    );
    const output = await lastOf(stream);
    const { ExitCode } = await ask(client, { ...question, signal: bounds }, (abort) =>
      exec.inspect(bounded({}, abort)),
    );
    return { exitCode: ExitCode ?? -1, output };
  } catch (error) {
    signal?.throwIfAborted();
    if (!limit.aborted) throw error;
    throw sluiceError('CONTAINER_COMMAND_TIMED_OUT', { name, command: command.join(' '), timeoutMs });
  }
}

async function lastOf(stream: AsyncIterable<unknown>): Promise<string> {
  const frames = new FrameReader();
  let kept: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    const pieces = frames.push(chunk as Buffer).map(({ bytes }) => bytes);
    kept = Buffer.concat([kept, ...pieces]).subarray(-OUTPUT_KEPT_BYTES);
  }
  return kept.toString('utf8');
}
