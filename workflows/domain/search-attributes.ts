/** Search attributes of every run, all keywords of low cardinality; registered by `sluice up` and by test servers. */
export const RUN_SEARCH_ATTRIBUTES = [
  'SluiceEnvironment',
  'SluiceKind',
  'SluicePhase',
  'SluiceVerdict',
  'SluiceApplication',
] as const;
export type RunSearchAttribute = (typeof RUN_SEARCH_ATTRIBUTES)[number];

/** The workflow type of fleet rollouts. */
export const FLEET_ROLLOUT_WORKFLOW = 'rollOutFleet';
/** The workflow type of releases of applications. */
export const DEPLOY_APPLICATION_WORKFLOW = 'deployApplication';
/** The workflow type of releases of several applications. */
export const JOINT_RELEASE_WORKFLOW = 'rollOutRelease';
