// `node test/bench/containers/bare/bare.main.ts [--strategies rolling,canary] [--retries on|off|both] [--load none] [--output json] …`
// What is possible without any memory: a script that calls Docker and HAProxy, under full load. Exit code 1 when a request failed.
import { parseArgs } from 'node:util';
import { NO_LOAD } from '../load/load-process.ts';
import { renderScenes } from '../measure/table.ts';
import { total } from '../measure/scene.ts';
import { openBenchServers } from '../servers/bench-servers.ts';
import { playBareScenes, type BareOptions, type BareScene } from './bare-scenes.ts';
import type { Retries } from './proxy-configuration.ts';
import { STRATEGIES } from './strategies.ts';

const { values } = parseArgs({
  options: {
    strategies: { type: 'string', default: STRATEGIES.join(',') },
    retries: { type: 'string', default: 'both' },
    replicas: { type: 'string', default: '4' },
    bake: { type: 'string', default: '2' },
    steady: { type: 'string', default: '5' },
    requests: { type: 'string', default: '20000' },
    rate: { type: 'string', default: '2500' },
    load: { type: 'string', default: 'full' },
    output: { type: 'string', default: 'text' },
  },
});

const retries: readonly Retries[] = (['on', 'off'] as const).filter((setting) =>
  [setting, 'both'].includes(values.retries),
);
const options: Omit<BareOptions, 'retries'> = {
  strategies: [...STRATEGIES, 'careless' as const].filter((strategy) =>
    values.strategies.split(',').includes(strategy),
  ),
  replicas: Number(values.replicas),
  bakeMs: Number(values.bake) * 1000,
  steadyMs: Number(values.steady) * 1000,
  minimumRequests: values.load === 'none' ? 0 : Number(values.requests),
  load: values.load === 'none' ? NO_LOAD : { keepAlivePerSecond: Number(values.rate) },
};

const scenes: BareScene[] = [];
const servers = await openBenchServers();
try {
  for (const setting of retries) {
    await playBareScenes(servers, { ...options, retries: setting }, (scene) => {
      scenes.push(scene);
      process.stderr.write(`${renderScenes([scene])}\n`);
      for (const failure of scene.result.whole.failures) process.stderr.write(`  ${JSON.stringify(failure)}\n`);
    });
  }
} finally {
  await servers.close();
}
process.stdout.write(`${values.output === 'json' ? JSON.stringify(scenes) : renderScenes(scenes)}\n`);
process.exit(scenes.every(({ result }) => total(result.whole).failed === 0) ? 0 : 1);
