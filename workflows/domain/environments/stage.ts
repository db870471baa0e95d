/** The stages, from the desk to the field. */
export const STAGES = ['development', 'testing', 'staging', 'production'] as const;
export type Stage = (typeof STAGES)[number];

/** The stage that an environment's key names; development when it names none. */
export const stageFromKey = (key: string): Stage => STAGES.find((stage) => stage === key) ?? 'development';
