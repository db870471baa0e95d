import type { Probe } from '#domain/containers/probe.ts';
import { causeOf } from '#domain/errors/cause-of.ts';
import type { ContainerEngine } from '#domain/ports/container-engine.port.ts';
import { getOnce } from '../adapters/http-check/get-once.ts';
import { askTcp } from '../adapters/tcp-check/ask-tcp.ts';
import { redact, tail } from '../runtime/redact.ts';

/** One instance and where it answers; `name` is the container's. */
export interface ProbedInstance {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** What one question to an instance found. `seen` is evidence: without secrets, at most 2 KiB of its answer. */
export type ProbeAnswer =
  | { readonly kind: 'well'; readonly seen: Seen }
  | { readonly kind: 'unwell'; readonly why: string; readonly seen: Seen };

type Seen = Readonly<Record<string, unknown>>;

export interface ProbeTools {
  /** Runs commands inside the container; the instance's own engine. */
  readonly engine: Pick<ContainerEngine, 'run'>;
  readonly signal: AbortSignal;
}

const MAX_OUTPUT_CHARS = 2_048;

/**
 * Asks once, for at most the probe's time-out. An instance of which nothing can be found out is unwell: it must not get
 * traffic. Throws only when it was cancelled.
 */
export async function probeInstance(probe: Probe, instance: ProbedInstance, tools: ProbeTools): Promise<ProbeAnswer> {
  switch (probe.kind) {
    case 'http':
      return askPath(probe, instance, tools);
    case 'tcp':
      return askPort(probe, instance, tools);
    case 'command':
      return askInside(probe, instance, tools);
  }
}

type Of<Kind extends Probe['kind']> = Extract<Probe, { kind: Kind }>;

async function askPath(
  { path, expectedStatus, timing }: Of<'http'>,
  { host, port }: ProbedInstance,
  { signal }: ProbeTools,
): Promise<ProbeAnswer> {
  const look = await getOnce({ host, port, path, timeoutMs: timing.timeoutMs, signal });
  const asked = redact(`GET http://${addressOf(host, port)}${path}`);
  if (look.kind === 'unanswered') return { kind: 'unwell', why: redact(look.why), seen: { asked, ...look } };
  const seen = { asked, ...look, answer: redact(look.answer) };
  if (look.status === expectedStatus) return { kind: 'well', seen };
  return { kind: 'unwell', why: `${look.status} instead of ${expectedStatus}`, seen };
}

async function askPort(
  { timing }: Of<'tcp'>,
  { host, port }: ProbedInstance,
  { signal }: ProbeTools,
): Promise<ProbeAnswer> {
  const look = await askTcp({ host, port, timeoutMs: timing.timeoutMs, signal });
  const seen = { asked: `tcp ${addressOf(host, port)}`, ...look };
  return look.kind === 'open' ? { kind: 'well', seen } : { kind: 'unwell', why: look.why, seen };
}

async function askInside(
  { command, timing: { timeoutMs } }: Of<'command'>,
  { name }: ProbedInstance,
  { engine, signal }: ProbeTools,
): Promise<ProbeAnswer> {
  const asked = redact(command.join(' '));
  try {
    const { exitCode, output } = await engine.run(name, command, timeoutMs, { signal });
    const seen = { asked, exitCode, output: tail(redact(output), MAX_OUTPUT_CHARS) };
    if (exitCode === 0) return { kind: 'well', seen };
    return { kind: 'unwell', why: `${redact(command[0] ?? '')} exited ${exitCode}`, seen };
  } catch (error) {
    signal.throwIfAborted();
    const why = redact(causeOf(error));
    return { kind: 'unwell', why, seen: { asked, why } };
  }
}

/** As it stands in a URL: IPv6 in brackets. */
const addressOf = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;
