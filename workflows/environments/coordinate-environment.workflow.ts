import { condition, continueAsNew } from '@temporalio/workflow';
import type { CoordinatorInput } from '#domain/coordination/coordinator-input.ts';
import { Desk } from './desk.ts';

/**
 * Admits the runs of one environment: in the order of their starts, one for each application or device, so many at once as
 * the environment allows. Lives as long as the environment; goes on in a new history when its own has grown long.
 */
export async function coordinateEnvironment(input: CoordinatorInput): Promise<void> {
  const desk = new Desk(input);
  await desk.recover();
  while (!desk.isFull) {
    await condition(() => desk.hasNews || desk.isFull);
    await desk.settle();
  }
  await desk.close();
  // No await from here on: a signal that came in between would be lost.
  await continueAsNew<typeof coordinateEnvironment>({ ...input, books: desk.books });
}
