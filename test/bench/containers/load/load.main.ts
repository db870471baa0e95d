// All requests of the bench in a process of their own, so that they do not disturb what is measured.
// `node load.main.ts '{"host":"127.0.0.1","port":8000,…}'`, then lines on stdin: see load-report.ts.
import { createInterface } from 'node:readline';
import type { LoadOptions, LoadReport } from './load-report.ts';
import { runLongLanes } from './long-lanes.ts';
import { runPacedLanes, type LaneRun } from './paced-lanes.ts';
import { WindowTally } from './tally.ts';

const windows = new Map<string, WindowTally>();
let isStopped = false;
let stop: () => void = () => undefined;
const stopped = new Promise<void>((resolve) => {
  stop = () => {
    isStopped = true;
    resolve();
  };
});

const run: LaneRun = {
  options: JSON.parse(process.argv[2] ?? '') as LoadOptions,
  isStopped: () => isStopped,
  record: (outcome) => {
    for (const window of windows.values()) window.add(outcome);
  },
};

const report = (message: LoadReport): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

function obey(order: string): void {
  const [verb = '', name = ''] = order.split(/ (.*)/);
  if (verb === 'begin') windows.set(name, new WindowTally(name));
  else if (verb === 'end') close(name);
  else stop();
}

function close(name: string): void {
  const window = windows.get(name);
  windows.delete(name);
  if (window !== undefined) report({ kind: 'window', window: window.read() });
}

// The end of the input is the end of the bench, however it went.
createInterface(process.stdin)
  .on('line', obey)
  .once('close', () => process.exit(1));
const lanes = [runPacedLanes(run), runLongLanes(run)];
report({ kind: 'running' });
// Without any load, too, it lasts until it is told to end.
await Promise.all([...lanes, stopped]);
for (const name of windows.keys()) close(name);
report({ kind: 'stopped' });
process.exit(0);
