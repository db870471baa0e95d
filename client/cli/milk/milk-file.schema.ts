import { z } from 'zod';
import { APPLICATION_NAME, HealthSpec } from '#domain/containers/application.schema.ts';
import {
  duration,
  flag,
  listOf,
  NAME,
  NAME_EXPECTED,
  percent,
  section,
  shortText,
  text,
  whole,
} from '#domain/environments/fields.schema.ts';
import { strategiesOn, strategyNamed } from '#domain/strategies/strategy-names.ts';

const MOST_INSTANCES = 500;
const DAY_MS = 86_400_000;

const strategy = () =>
  text('a strategy').refine((name) => strategyNamed('docker', name).kind === 'known', {
    error: `one of ${strategiesOn('docker').join(', ')}`,
  });

/** The last part of an image's name as the name of an application: `acme/Milk_Bottle` is `milk-bottle`. */
export function applicationNameOf(image: string): string {
  const last = image.split('/').at(-1) ?? '';
  return last
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 32)
    .replace(/-+$/, '');
}

const imageName = () =>
  text('an image without a tag')
    .refine((image) => /^[^\s@]+$/.test(image) && !image.split('/').at(-1)?.includes(':'), {
      error: 'an image without a tag (image_tag is a key of its own)',
    })
    .refine((image) => APPLICATION_NAME.test(applicationNameOf(image)), {
      error: 'an image whose last part holds at least two letters or digits, a letter first',
    });

const DockerSection = section({
  image_name: imageName().default('milkbottle').describe('Its last part names the application'),
  image_tag: text('a tag')
    .regex(/^[\w.-]+$/, { error: 'a tag of letters, digits and . _ -' })
    .default('latest')
    .describe('The version that is deployed'),
  registry_url: shortText('the address of a registry').default('').describe('In front of image_name; empty means none'),
  build_context: text('a folder').optional(),
  dockerfile_path: text('a file').optional(),
  port: whole(1, 65_535).optional().describe('Where it listens inside its container; default as it was, at first 8080'),
});

const ScalingSection = section({
  min_instances: whole(1, MOST_INSTANCES).default(1),
  max_instances: whole(1, MOST_INSTANCES).default(10),
  cpu_threshold: percent().optional(),
  memory_threshold: percent().optional(),
  scale_up_cooldown: duration('zero', DAY_MS).default(300_000).describe('After any scaling, before one up'),
  scale_down_cooldown: duration('zero', DAY_MS).default(300_000).describe('After any scaling, before one down'),
}).refine(({ min_instances: min, max_instances: max }) => min <= max, {
  path: ['max_instances'],
  error: 'a number that is not below min_instances',
});

const SecuritySection = section({
  password_min_length: whole(1).optional(),
  password_require_special: flag().optional(),
  session_timeout: whole(0, DAY_MS).optional(),
  max_login_attempts: whole(1).optional(),
  lockout_duration: whole(0, DAY_MS).optional(),
  encryption_enabled: flag().optional(),
  encryption_key: shortText('a key').optional(),
});

const MonitoringSection = section({
  collection_interval: whole(1).optional(),
  retention_days: whole(1).optional(),
  alert_thresholds: z
    .record(z.string(), z.number({ error: 'a number' }), { error: 'a section of numbers by name' })
    .optional(),
  dashboard_url: shortText('an address').optional(),
});

const BackupSection = section({
  backup_schedule: text('a schedule').optional(),
  retention_days: whole(1).optional(),
  encryption_enabled: flag().optional(),
  compression_enabled: flag().optional(),
  backup_path: text('a folder').optional(),
});

const CicdSection = section({
  pipeline_stages: listOf('stages', text('a stage')).optional(),
  test_timeout: whole(1).optional(),
  deployment_environments: listOf('environments', text('an environment')).optional(),
  rollback_enabled: flag().optional(),
});

/** MilkBottle's file. What its commands do not use is checked all the same, so that a slip is found. */
export const MilkFile = section({
  deployment: section({
    enabled: flag().default(true).describe('False: nothing is deployed or scaled from this file'),
    environment: text('the name of an environment')
      .regex(NAME, { error: NAME_EXPECTED })
      .describe('One with target docker'),
    strategy: strategy().default('rolling').describe('How deploy sends a version out'),
    bake: duration('zero').optional().describe('Watched after each batch or shift; default as in a plan'),
    docker: DockerSection.prefault({}),
    scaling: ScalingSection.prefault({}),
    health: HealthSpec.optional().describe('When an instance may get traffic; default GET /health'),
    security: SecuritySection.optional(),
    monitoring: MonitoringSection.optional(),
    backup: BackupSection.optional(),
    cicd: CicdSection.optional(),
  }),
});
export type MilkFile = z.output<typeof MilkFile>;

const UNUSED_SECTIONS = ['security', 'monitoring', 'backup', 'cicd'] as const;

/** Sections and keys of the file that no command acts on. */
export function notUsedIn({ deployment }: MilkFile): string[] {
  const { docker, scaling } = deployment;
  return [
    ...UNUSED_SECTIONS.filter((name) => deployment[name] !== undefined),
    ...(['build_context', 'dockerfile_path'] as const)
      .filter((key) => docker[key] !== undefined)
      .map((key) => `docker.${key}`),
    ...(['cpu_threshold', 'memory_threshold'] as const)
      .filter((key) => scaling[key] !== undefined)
      .map((key) => `scaling.${key}`),
  ].map((name) => `deployment.${name}`);
}
