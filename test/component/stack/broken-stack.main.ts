// A stack whose worker never starts.
import { STANDARD_ENTRIES } from '../../../workers/stack/parts/node.part.ts';
import { runStackProcess } from '../../../workers/stack/stack-process.ts';

await runStackProcess({ ...STANDARD_ENTRIES, worker: 'test/component/stack/broken-worker.main.ts' });
