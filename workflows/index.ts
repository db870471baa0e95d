/**
 * The bundle's entry: every workflow. Temporal's SDK keeps the stack of each promise, mapped to the sources, for the call
 * stack that its UI shows: at ten frames that is a third of a replay. Four, two of them the SDK's, still say where a run waits;
 * errors of workflows keep as many.
 */
Error.stackTraceLimit = 4;

export { deployApplication } from './containers/deploy-application.workflow.ts';
export { rollOutRelease } from './joint-releases/roll-out-release.workflow.ts';
export { rollOutFleet } from './fleet/roll-out-fleet.workflow.ts';
export { coordinateEnvironment } from './environments/coordinate-environment.workflow.ts';
export { rollBackEnvironment } from './emergency/roll-back-environment.workflow.ts';
