/** Everything that one crash world starts, and what that starts, carries the world's folder under this name. */
export const WORLD_MARK = 'SLUICE_CRASH_WORLD';
