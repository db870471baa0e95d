import type { z } from 'zod';
import { listOf, NAME, NAME_EXPECTED, script, section, text } from '../environments/fields.schema.ts';
import { ReleaseConfig } from '../plan/release-file.schema.ts';
import { ScheduleSpec } from '../windows/schedule.schema.ts';

const MOST_APPLICATIONS = 50;

const MemberSpec = section({
  name: text('the name of an application').describe('One of sluice app list'),
  version: text('a version').describe('Becomes the image’s tag, whose digest the plan pins'),
  config: ReleaseConfig.prefault({})
    .refine(({ schedule }) => schedule === undefined, {
      error: 'no schedule of its own: that of the release holds for all its applications',
      path: ['schedule'],
    })
    .describe('How it goes out, as in a plan’s file'),
});

/** A release of several applications as people write it. */
export const JointReleaseFile = section({
  name: text('a name').regex(NAME, { error: NAME_EXPECTED }).describe('What people call it: v1.2.3'),
  environment: text('the name of an environment').optional().describe('One with target docker; or --environment'),
  applications: listOf('applications', MemberSpec)
    .min(1, { error: 'at least one application' })
    .max(MOST_APPLICATIONS, { error: `at most ${MOST_APPLICATIONS} applications` })
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, { error: 'each application once' })
    .describe('What goes out together; the order follows from depends_on and critical of the applications'),
  schedule: ScheduleSpec.optional().describe('When it begins; default when it is started'),
  notes: script('text').max(20_000, { error: 'at most 20000 characters' }).default('').describe('Markdown for readers'),
});
export type JointReleaseFile = z.output<typeof JointReleaseFile>;
