// The process of `sluice up`.
import { runStackProcess } from './stack-process.ts';

await runStackProcess();
