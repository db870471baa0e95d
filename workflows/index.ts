/** The bundle's entry: every workflow. */
export { rollOutFleet } from './fleet/roll-out-fleet.workflow.ts';
