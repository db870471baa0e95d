// An engine with one running container, for a test that kills its owner: prints where it is, then stays.
import { ensureBaseImage } from '../../../examples/shop/base-image.ts';
import { startDockerd } from './dockerd.ts';

const STAYS = ['/usr/local/bin/node', '-e', 'setInterval(() => undefined, 1000)'];

export interface LeftBehind {
  readonly folder: string;
  readonly bridge: string;
  readonly enginePid: number;
  readonly containerPid: number;
}

const { docker, folder, bridge, pid: enginePid } = await startDockerd();
const container = await docker.createContainer({ Image: await ensureBaseImage(docker), Cmd: STAYS });
await container.start();
const { State } = await container.inspect();
const left: LeftBehind = { folder, bridge, enginePid, containerPid: State.Pid };
process.stdout.write(`${JSON.stringify(left)}\n`);
process.stdin.resume();
