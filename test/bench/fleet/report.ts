import { rounded, type Part, type Round } from './rounds.ts';

/** Durable against raw, devices a minute, history events for each device. */
const GOALS = { ratio: 0.85, devicesPerMinute: 100_000, historyEventsPerDevice: 0.01 } as const;

export interface Summary {
  readonly devices: number;
  readonly pairs: number;
  readonly rawDevicesPerSecond: number;
  readonly durableDevicesPerSecond: number;
  readonly ratio: number;
  readonly ratios: readonly number[];
  readonly historyEventsPerDevice: number;
  /** Of the durable rounds, and of the raw ones. */
  readonly answerLatencyMs: Latency;
  readonly rawAnswerLatencyMs: Latency;
  readonly cpuMsPerDevice: Readonly<Record<Part, number>>;
  readonly rawCpuMsPerDevice: Readonly<Record<Part, number>>;
  readonly rssMb: Readonly<Record<Part, number>>;
  /** From `deploy execute` to the end of the run. */
  readonly runSeconds: number;
  readonly repeats: number;
  readonly missed: readonly string[];
}

interface Latency {
  readonly p50: number;
  readonly p99: number;
}

export function summarize(rounds: readonly Round[], devices: number): Summary {
  const raw = rounds.filter(({ kind }) => kind === 'raw');
  const durable = rounds.filter(({ kind }) => kind === 'durable');
  const ratios = durable.map((round, pair) =>
    rounded(round.devicesPerSecond / (raw[pair]?.devicesPerSecond ?? NaN), 3),
  );
  const numbers = {
    devices,
    pairs: durable.length,
    rawDevicesPerSecond: median(raw.map(({ devicesPerSecond }) => devicesPerSecond)),
    durableDevicesPerSecond: median(durable.map(({ devicesPerSecond }) => devicesPerSecond)),
    ratio: median(ratios),
    ratios,
    historyEventsPerDevice: rounded(median(durable.map(({ run }) => run?.historyEvents ?? NaN)) / devices, 5),
    answerLatencyMs: latency(durable),
    rawAnswerLatencyMs: latency(raw),
    cpuMsPerDevice: parts(durable, ({ cpuMsPerDevice }) => cpuMsPerDevice),
    rawCpuMsPerDevice: parts(raw, ({ cpuMsPerDevice }) => cpuMsPerDevice),
    rssMb: parts(durable, ({ rssMb }) => rssMb),
    runSeconds: rounded(median(durable.map(({ run }) => run?.runMs ?? NaN)) / 1_000, 1),
    repeats: rounds.reduce((sum, { repeats }) => sum + repeats, 0),
  };
  return { ...numbers, missed: missedGoals(numbers, durable) };
}

function missedGoals(numbers: Omit<Summary, 'missed'>, durable: readonly Round[]): string[] {
  const perMinute = numbers.durableDevicesPerSecond * 60;
  return [
    ...(numbers.ratio >= GOALS.ratio ? [] : [`ratio ${numbers.ratio}, goal ${GOALS.ratio}`]),
    ...(perMinute >= GOALS.devicesPerMinute ? [] : [`${perMinute} devices a minute, goal ${GOALS.devicesPerMinute}`]),
    ...(numbers.historyEventsPerDevice <= GOALS.historyEventsPerDevice
      ? []
      : [`${numbers.historyEventsPerDevice} events for each device, goal ${GOALS.historyEventsPerDevice}`]),
    ...durable.flatMap(({ run }) => (run?.phase === 'completed' ? [] : [`a run ended as ${run?.phase}`])),
  ];
}

const latency = (rounds: readonly Round[]): Latency => ({
  p50: median(rounds.map(({ answerLatencyMs }) => answerLatencyMs.p50)),
  p99: median(rounds.map(({ answerLatencyMs }) => answerLatencyMs.p99)),
});

function parts(rounds: readonly Round[], of: (round: Round) => Readonly<Record<Part, number>>): Record<Part, number> {
  const names = Object.keys(rounds[0] ? of(rounds[0]) : {}) as Part[];
  return Object.fromEntries(names.map((part) => [part, median(rounds.map((round) => of(round)[part]))])) as Record<
    Part,
    number
  >;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [
    sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN,
    sorted[Math.ceil((sorted.length - 1) / 2)] ?? NaN,
  ];
  return (low + high) / 2;
}

/** One line while it runs, on the error stream: the numbers for programs come last and alone. */
export function printRound(
  pair: number,
  { kind, devicesPerSecond, answerLatencyMs, cpuMsPerDevice, run }: Round,
): void {
  const cpu = Object.entries(cpuMsPerDevice).map(([part, ms]) => `${part} ${ms}`);
  const events =
    run === null ? '' : `, run ${run.phase} in ${rounded(run.runMs / 1_000, 1)} s, ${run.historyEvents} events`;
  const name = `${pair === 0 ? 'warm-up' : `pair ${pair}`} ${kind}`;
  const { p50, p99 } = answerLatencyMs;
  process.stderr.write(
    `${name.padEnd(16)} ${devicesPerSecond} devices/s, p50 ${p50} ms, p99 ${p99} ms, CPU ms/device: ${cpu.join(', ')}${events}\n`,
  );
}

export function printSummary(summary: Summary, isJson: boolean): void {
  for (const goal of summary.missed) process.stderr.write(`missed: ${goal}\n`);
  if (isJson) {
    process.stdout.write(`${JSON.stringify(summary)}\n`);
    return;
  }
  for (const [name, value] of Object.entries(summary)) {
    process.stdout.write(`${name.padEnd(26)}${typeof value === 'object' ? JSON.stringify(value) : String(value)}\n`);
  }
}
