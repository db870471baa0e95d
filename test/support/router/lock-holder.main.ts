// Takes the lock of a router's folder and keeps it until it is killed.
import { withFolderLock } from '../../../activities/adapters/haproxy/folder-lock.ts';

await withFolderLock(process.argv[2] ?? '', async () => {
  process.stdout.write('held\n');
  process.stdin.resume();
  await new Promise(() => undefined);
});
