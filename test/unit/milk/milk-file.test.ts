import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applicationNameOf } from '../../../client/cli/milk/milk-file.schema.ts';
import { replicasToDeploy, type MilkWish } from '../../../client/cli/milk/milk-wish.ts';
import { readMilkFile } from '../../../client/cli/milk/read-milk-file.ts';
import { SluiceError } from '#domain/errors/failure.ts';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';

let folder: ReturnType<typeof makeTempFolder>;
beforeAll(() => {
  folder = makeTempFolder('milk');
});
afterAll(() => folder.remove());

const HEAD = '[deployment]\nenvironment = "production"\n';

async function read(content: string): Promise<MilkWish> {
  const path = join(folder.path, 'milkbottle.toml');
  writeFileSync(path, content);
  return readMilkFile(path);
}

/** What is said of a file that is refused. */
async function refused(content: string): Promise<SluiceError> {
  const error: unknown = await read(content).catch((thrown: unknown) => thrown);
  if (error instanceof SluiceError) return error;
  throw new Error('it was accepted');
}

/** The example of the specification, whole. */
const WHOLE = `
[deployment]
enabled = true
environment = "production"

[deployment.scaling]
min_instances = 1
max_instances = 10
cpu_threshold = 80.0
memory_threshold = 80.0

[deployment.security]
password_min_length = 8
session_timeout = 3600
encryption_enabled = true

[deployment.monitoring]
collection_interval = 60
retention_days = 30

[deployment.backup]
backup_schedule = "0 2 * * *"
retention_days = 30

[deployment.docker]
image_name = "milkbottle"
registry_url = ""

[deployment.cicd]
pipeline_stages = ["test", "build", "deploy"]
test_timeout = 300
`;

describe("MilkBottle's file", () => {
  it('is taken whole, with what nothing acts on yet', async () => {
    expect(await read(WHOLE)).toMatchObject({
      enabled: true,
      application: 'milkbottle',
      environment: 'production',
      image: 'milkbottle',
      tag: 'latest',
      strategy: 'rolling',
      limits: { minInstances: 1, maxInstances: 10, upCooldownMs: 300_000, downCooldownMs: 300_000 },
      notUsed: [
        'deployment.security',
        'deployment.monitoring',
        'deployment.backup',
        'deployment.cicd',
        'deployment.scaling.cpu_threshold',
        'deployment.scaling.memory_threshold',
      ],
    });
  });

  it('needs nothing but an environment', async () => {
    expect(await read(HEAD)).toMatchObject({ application: 'milkbottle', image: 'milkbottle', port: null, notUsed: [] });
  });

  it('names an image below its registry, whatever is written around that', async () => {
    const docker = '[deployment.docker]\nimage_name = "dairy/milk"\nregistry_url = "https://registry.example:5000/"';
    expect((await read(HEAD + docker)).image).toBe('registry.example:5000/dairy/milk');
  });

  it.each([
    ['enabeld = true', 'deployment.enabeld: expected a known key, got an unknown one. Did you mean enabled?'],
    ['[deployment.scaling]\nmin_instance = 2', 'deployment.scaling.min_instance: expected a known key'],
    ['[deployment.security]\nmfa = true', 'deployment.security.mfa: expected a known key'],
    ['strategy = "rolling_stone"', 'deployment.strategy: expected one of rolling, blue_green, canary, recreate'],
    [
      '[deployment.scaling]\nmin_instances = 11',
      'deployment.scaling.max_instances: expected a number that is not below',
    ],
    ['[deployment.scaling]\nscale_up_cooldown = "soon"', 'deployment.scaling.scale_up_cooldown: expected a duration'],
    ['[deployment.docker]\nimage_name = "milk:1.0"', 'deployment.docker.image_name: expected an image without a tag'],
    ['[deployment.docker]\nimage_name = "7"', 'deployment.docker.image_name: expected an image whose last part'],
  ])('with %j is refused with the place and the fix', async (line, message) => {
    const error = await refused(HEAD + line);
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain(message);
  });

  it('without an environment is told to add one', async () => {
    expect((await refused('[deployment]\n')).message).toContain('Add deployment.environment.');
  });

  it('that is no TOML is refused with its line', async () => {
    expect((await refused(`${HEAD}strategy = rolling`)).report).toMatchObject({
      code: 'CONFIG_UNREADABLE',
      where: expect.stringMatching(/milkbottle\.toml: line 3$/) as unknown,
      hint: expect.stringContaining('milk deployment --help') as unknown,
    });
  });
});

it.each([
  ['milkbottle', 'milkbottle'],
  ['dairy/Milk_Bottle', 'milk-bottle'],
  ['localhost:5000/9lives--shop_', 'lives-shop'],
  [`x${'y'.repeat(50)}`, `x${'y'.repeat(31)}`],
])('an image %s names the application %s', (image, name) => {
  expect(applicationNameOf(image)).toBe(name);
});

it.each([
  [null, 2],
  [1, 2],
  [3, 3],
  [9, 4],
])('with %s instances now, %i are deployed', (present, replicas) => {
  const limits = { minInstances: 2, maxInstances: 4, upCooldownMs: 0, downCooldownMs: 0 };
  expect(replicasToDeploy(present, limits)).toBe(replicas);
});
