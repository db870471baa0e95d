/** The bundle's entry: every workflow. */
export { deployApplication } from './containers/deploy-application.workflow.ts';
export { rollOutRelease } from './joint-releases/roll-out-release.workflow.ts';
export { rollOutFleet } from './fleet/roll-out-fleet.workflow.ts';
export { coordinateEnvironment } from './environments/coordinate-environment.workflow.ts';
export { rollBackEnvironment } from './emergency/roll-back-environment.workflow.ts';
