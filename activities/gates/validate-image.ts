import { inWords } from '#domain/counted.ts';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import type { GateCheck } from '#domain/plan/steps.ts';
import { attachedTag, findAttached } from '../adapters/registry/attached.ts';
import { resolveSecret } from '../adapters/secrets/resolve-secret.ts';
import type { CommandTools } from '../runtime/told-command.ts';
import type { Finding, HeldImage } from './deps.ts';

type Requirement = Extract<GateCheck, { run: 'image_validation' }>['requires'][number];

const TIMEOUT_MS = 15_000;
/** An attestation may be of an SBOM; tools that attach one alone use the suffix of its own. */
const SUFFIXES: Readonly<Record<Requirement, readonly string[]>> = { signature: ['sig'], sbom: ['sbom', 'att'] };

/**
 * Passes when every engine means the planned image by its digest, and what is required is attached to it in its registry.
 * That a signature is there is all that is looked at: whose it is, a command of the environment has to say.
 */
export async function validateImage(
  plan: ContainerPlan,
  held: readonly HeldImage[],
  requires: readonly Requirement[],
  tools: CommandTools,
): Promise<Finding> {
  const { image, reference } = plan.application;
  const others = held.filter(({ digest }) => digest !== image.digest);
  if (others.length > 0) {
    const words = others.map(
      ({ engine, digest }) => `engine ${engine} ${digest === null ? 'has no' : 'means another'} image`,
    );
    const summary = `${reference} is not ${image.digest.slice(0, 19)}… everywhere: ${words.join(', ')}`;
    return { kind: 'failed', summary, evidence: { image, held } };
  }
  const named = `${reference} is ${image.digest.slice(0, 19)}… on ${inWords(held.map(({ engine }) => engine))}`;
  if (requires.length === 0) return { kind: 'passed', summary: named, evidence: null };
  if (image.pin === 'image-id') {
    const summary = `no registry knows ${reference}: nothing can be attached to it (${inWords(requires)} required)`;
    return { kind: 'failed', summary, evidence: { image, requires } };
  }
  return judgeAttached(plan, requires, { named, tools });
}

async function judgeAttached(
  { application: { image, credentials } }: ContainerPlan,
  requires: readonly Requirement[],
  { named, tools }: { readonly named: string; readonly tools: CommandTools },
): Promise<Finding> {
  const place = placeOf(image.image);
  const signIn = credentials && {
    username: credentials.username,
    password: (await resolveSecret(credentials.password, tools)).reveal(),
  };
  const question = { ...place, digest: image.digest, credentials: signIn, timeoutMs: TIMEOUT_MS, signal: tools.signal };
  const suffixes = requires.flatMap((one) => SUFFIXES[one]);
  const found = await findAttached(question, suffixes);
  const lookedFor = suffixes.map((suffix) => attachedTag(image.digest, suffix));
  const evidence = { image, registry: place, lookedFor, found: found.map((one) => attachedTag(image.digest, one)) };
  const missing = requires.filter((one) => !SUFFIXES[one].some((suffix) => found.includes(suffix)));
  if (missing.length === 0) return { kind: 'passed', summary: `${named}; ${inWords(requires)} attached`, evidence };
  const tags = missing.flatMap((one) => SUFFIXES[one]).map((suffix) => attachedTag(image.digest, suffix));
  const where = `${place.repository} at ${place.origin}`;
  return {
    kind: 'failed',
    summary: `${inWords(missing)} missing: looked for ${tags.join(', ')} in ${where}`,
    evidence,
  };
}

const HUB = 'https://registry-1.docker.io';
/** As engines do: a registry of this machine speaks plain HTTP. */
const LOCAL = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

/** Where an image `host/path@sha256:…` lies. */
function placeOf(image: string): { readonly origin: string; readonly repository: string } {
  const [name = ''] = image.split('@');
  const [first = '', ...rest] = name.split('/');
  const isHost = rest.length > 0 && /[.:]|^localhost$/.test(first);
  if (!isHost || first === 'docker.io') {
    const path = isHost ? rest.join('/') : name;
    return { origin: HUB, repository: path.includes('/') ? path : `library/${path}` };
  }
  return { origin: `${LOCAL.test(first) ? 'http' : 'https'}://${first}`, repository: rest.join('/') };
}
