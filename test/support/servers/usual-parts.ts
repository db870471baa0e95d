import { PART_NAMES, type PartName } from '../../../client/engine/stack/part-names.ts';

const ON_REQUEST: readonly PartName[] = ['docker', 'registry'];

/** The parts that `sluice up` starts when nobody asks for more. */
export const USUAL_PARTS: readonly PartName[] = PART_NAMES.filter((name) => !ON_REQUEST.includes(name));
