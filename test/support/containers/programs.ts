// Command lines for the busybox image, and what they mean to the fake engine.
import type { FakeBehaviour } from '../fakes/fake-replica.ts';
import { PORT } from './replicas.ts';

const shell = (script: string): readonly string[] => ['/bin/sh', '-c', script];

/** Serves its own name, and ends at once when it is asked to. */
export const SERVE = shell(
  `trap 'exit 0' TERM; mkdir -p /www; echo -n "$NAME" >/www/index.html; httpd -f -p ${PORT} -h /www & echo ready; wait`,
);

/** Writes both streams by turns and goes on serving. */
export const SPEAK = shell(
  `for i in 1 2 3; do echo "out $i"; sleep 0.05; echo "err $i" >&2; sleep 0.05; done; ${SERVE[2]}`,
);
export const SPOKEN = ['out 1', 'err 1', 'out 2', 'err 2', 'out 3', 'err 3'];

/** Ends at once. */
export const endWith = (code: number): readonly string[] => shell(`echo bye; exit ${code}`);

/** What the fake does for these commands. */
export function fakeBehaviour(command: readonly string[] | null): FakeBehaviour {
  const script = command?.[2] ?? '';
  const [, code] = /exit (\d+)$/.exec(script) ?? [];
  if (code !== undefined) return { kind: 'ends', code: Number(code), lines: ['bye'] };
  return { kind: 'serves', lines: command === SPEAK ? [...SPOKEN, 'ready'] : ['ready'] };
}
