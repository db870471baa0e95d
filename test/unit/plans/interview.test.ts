import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Dialogue, Interrupted } from '../../../client/cli/interactive/dialogue.ts';
import type { PlanChoices } from '../../../client/engine/plans/plan-choices.ts';
import { askForPlan } from '../../../client/engine/plans/plan-questions.ts';

const CHOICES: PlanChoices = {
  environments: [
    { name: 'production', target: 'fleet' },
    { name: 'shop-production', target: 'docker' },
  ],
  firmware: [
    { name: 'edge', version: '1.1.0' },
    { name: 'edge', version: '1.0.0' },
    { name: 'sensor', version: '2' },
  ],
  applications: ['shop', 'blog'],
};

interface Interview {
  readonly file: object;
  readonly said: string;
}

/** The plan file that follows from these lines, each typed as soon as it is taken. */
async function interview(lines: readonly string[], choices = CHOICES): Promise<Interview> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let said = '';
  output.on('data', (text: Buffer) => (said += text.toString()));
  const dialogue = new Dialogue({ input, output });
  input.end(lines.map((line) => `${line}\n`).join(''));
  try {
    return { file: await askForPlan(choices, (question) => dialogue.ask(question)), said };
  } catch (error) {
    throw Object.assign(error as Error, { said });
  } finally {
    dialogue.close();
  }
}

const ROLLOUT = { name: 'edge 1.1.0 to production', firmware: 'edge', firmware_version: '1.1.0' };

describe('a plan by answers', () => {
  it('is for devices what the file needs, with what is usual where nothing is said', async () => {
    const { file } = await interview(['production', 'edge', '1.1.0', '', '']);
    expect(file).toEqual({ ...ROLLOUT, target_environment: 'production', strategy: 'canary' });
  });

  it('is for containers what the file of a release needs', async () => {
    const { file } = await interview(['2', 'shop', '1.1.0', 'Blue-Green']);
    const config = { strategy: 'blue_green' };
    expect(file).toEqual({ application: 'shop', version: '1.1.0', environment: 'shop-production', config });
  });

  it('takes numbers of the list for names, and a name that is a number for itself', async () => {
    const environments = [...CHOICES.environments, { name: '1', target: 'docker' as const }];
    const { file } = await interview(['1', '2', '9', 'recreate'], { ...CHOICES, environments });
    expect(file).toMatchObject({ environment: '1', application: 'blog', version: '9' });
  });

  it('does not ask where there is one choice', async () => {
    const one = { ...CHOICES, environments: CHOICES.environments.slice(0, 1), firmware: CHOICES.firmware.slice(2) };
    const { file, said } = await interview(['rolling', 'first'], one);
    expect(file).toMatchObject({ target_environment: 'production', firmware: 'sensor', strategy: 'rolling' });
    expect(said).not.toContain('environment');
  });

  it('refuses by the rules of the file, says why, and asks again', async () => {
    const { file, said } = await interview([
      'produktion',
      'production',
      'edge',
      '1.1.0',
      'recreate',
      '',
      'n'.repeat(201),
      '',
    ]);
    expect(file).toMatchObject(ROLLOUT);
    expect(said).toContain('no such environment; did you mean production?');
    expect(said).toContain('no such strategy; one of: canary, rolling, immediate, blue_green');
    expect(said).toContain('expected a name of at most 200 characters');
  });

  it('needs something that can be planned', async () => {
    const nothing = { ...CHOICES, firmware: [] };
    await expect(interview(['production'], nothing)).rejects.toMatchObject({ report: { code: 'NOTHING_TO_CHOOSE' } });
  });

  it('ends without an answer when nobody answers any more', async () => {
    await expect(interview(['production', 'edge'])).rejects.toThrow(Interrupted);
  });
});
