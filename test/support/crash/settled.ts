import { eventually } from '../eventually.ts';

/** A device that boots when its run ends needs a moment; a worker that was killed has to be back for the record. */
export const SETTLED_DEADLINE_MS = 60_000;

/** The problems that are left when nothing changes for the better any more. */
export async function settled(look: () => Promise<string[]>): Promise<string[]> {
  let problems: string[] = [];
  try {
    await eventually(async () => {
      problems = await look();
      if (problems.length > 0) throw new Error(problems.join('; '));
    }, SETTLED_DEADLINE_MS);
    return [];
  } catch (error) {
    return problems.length > 0 ? problems : [String(error)];
  }
}
