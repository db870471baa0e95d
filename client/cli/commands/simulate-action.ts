import { counted } from '#domain/counted.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { awaitAllCredentials } from '../../engine/devices/device-credentials.ts';
import { runSimulator } from '../../engine/devices/run-simulator.ts';
import {
  prepareSimulation,
  type SimulatedSelection,
  type SimulationInput,
} from '../../engine/devices/simulated-fleet.ts';
import type { CliContext } from '../context.ts';
import { SimulationReport } from '../render/simulation.ts';

export interface SimulateOptions {
  readonly count: number;
  readonly hardware: string;
  readonly firmware: string;
  readonly prefix: string;
  readonly tag?: Readonly<Record<string, string>>;
  readonly group?: string;
  readonly ledger?: string;
  readonly failMode?: string;
  readonly failVersion?: string;
  readonly failPercent: number;
  readonly installMs?: number;
  readonly rebootMs?: number;
}

const REPORT_EVERY_MS = 1_000;

/** Runs simulated devices in the foreground until Ctrl-C. */
export async function simulate(context: CliContext, options: SimulateOptions): Promise<void> {
  const configuration = await prepareSimulation(context.deps(), simulationOf(options));
  const credentials = await awaitAllCredentials(context.deps());
  if (credentials.kind === 'not-applied')
    throw sluiceError('CREDENTIALS_NOT_APPLIED', { waitedMs: credentials.waitedMs });
  if (credentials.kind === 'with-next-start') context.note('no gateway runs: they connect once npx sluice up does');
  context.note(
    `${counted(configuration.devices.length, 'device')}, ledger ${configuration.ledgerPath}   ·   Ctrl-C ends them`,
  );
  const report = new SimulationReport();
  const say = (text: string | null): void => void (text !== null && context.stream({}, text));
  const timer = context.output === 'json' ? undefined : setInterval(() => say(report.changes()), REPORT_EVERY_MS);
  const { signal, release } = untilEnded();
  try {
    await runSimulator(configuration, {
      signal,
      onLine: (line) => (context.output === 'json' ? context.stream(line, '') : say(report.take(line))),
    });
  } finally {
    clearInterval(timer);
    release();
  }
}

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Aborted by whatever ends this process in good order: the devices are another program and must end with it. */
function untilEnded(): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  for (const name of ENDING) process.once(name, stop);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of ENDING) process.removeListener(name, stop);
    },
  };
}

function simulationOf(options: SimulateOptions): SimulationInput {
  const { failMode, failVersion = '*', failPercent, ledger = null, installMs, rebootMs } = options;
  return {
    selection: selectionOf(options),
    ledgerFile: ledger,
    faults: failMode === undefined ? [] : [{ mode: failMode, version: failVersion, percent: failPercent }],
    timings: { ...(installMs !== undefined && { installMs }), ...(rebootMs !== undefined && { rebootMs }) },
  };
}

function selectionOf({ group, count, prefix, hardware, firmware, tag = {} }: SimulateOptions): SimulatedSelection {
  if (group !== undefined) return { kind: 'group', group };
  return { kind: 'count', count, prefix, hardware, firmware, tags: tag };
}
