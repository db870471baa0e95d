// `sluice up` whose worker and gateway can be told where to die.
import { STANDARD_ENTRIES } from '../../workers/stack/parts/node.part.ts';
import { runStackProcess } from '../../workers/stack/stack-process.ts';

await runStackProcess({
  ...STANDARD_ENTRIES,
  worker: 'test/crash/worker.main.ts',
  gateway: 'test/crash/gateway.main.ts',
});
