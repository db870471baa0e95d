import type { GateStep, Step } from '../plan/steps.ts';
import type { OpenGate } from './run-view.ts';

/** The gates of a plan before any of them passed. */
export const openGates = (steps: readonly Step[]): OpenGate[] =>
  steps.flatMap((step) => (step.kind === 'gate' ? [{ id: step.id, settledBy: settledBy(step) }] : []));

function settledBy({ check }: GateStep): OpenGate['settledBy'] {
  switch (check.run) {
    case 'firmware_validation':
    case 'device_compatibility_check':
    case 'image_validation':
      return 'built-in';
    case 'manual':
      return 'people';
    case 'health_check':
    case 'command':
    case 'http':
    case 'load_test':
    case 'canary_analysis':
    case 'none':
      return 'check';
  }
}
