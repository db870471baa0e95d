import type { ContainerStrategy } from '../../plan/container-plan.ts';
import type { ContainerStepsInput } from '../../plan/container-steps.ts';
import type { Step } from '../../plan/steps.ts';
import { blueGreen, firstDeployment, immediate } from './blue-green.ts';
import { canary } from './canary.ts';
import { recreate } from './recreate.ts';
import { rolling } from './rolling.ts';

/** What a strategy does between the pull and the hooks after it. */
export function movesOf(strategy: ContainerStrategy, input: ContainerStepsInput): Step[] {
  switch (strategy.kind) {
    case 'first':
      return firstDeployment(input);
    case 'rolling':
      return rolling(input, strategy);
    case 'blue_green':
      return blueGreen(input);
    case 'canary':
      return canary(input, strategy.weightsPercent);
    case 'recreate':
      return recreate(input);
    case 'immediate':
      return immediate(input);
  }
}
