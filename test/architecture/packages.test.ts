import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import semver from 'semver';
import { describe, expect, it } from 'vitest';

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly engines?: { readonly node?: string };
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
interface Manifest {
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const read = (file: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, '../..', file), 'utf8'));
const manifest = read('package.json') as Manifest;
const locked = Object.entries((read('package-lock.json') as { packages: Record<string, LockedPackage> }).packages);
const installed = locked.filter(([path]) => path !== '');
const paths = new Set(locked.map(([path]) => path));

describe('packages', () => {
  it('are pinned exactly', () => {
    const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter(([, version]) => semver.valid(version) === null)).toEqual([]);
  });

  it('have their integrity in the lock file', () => {
    expect(installed.filter(([, { integrity }]) => integrity === undefined).map(([path]) => path)).toEqual([]);
  });

  // npm ci refuses a lock file without them, and npm writes such a one when a registry lacks a platform's build.
  it('have the builds of every platform in the lock file', () => {
    const wanted = installed.flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).map((name) => ({ inside: `${path}/node_modules/${name}`, name })),
    );
    const absent = wanted.filter(({ inside, name }) => !paths.has(inside) && !paths.has(`node_modules/${name}`));
    expect(absent).toEqual([]);
  });

  it('run on the Node that comes with the project, and what is shipped on the oldest one that is allowed', () => {
    const oldest = semver.minVersion(manifest.engines.node)?.version ?? '';
    const ours = manifest.devDependencies['node'] ?? '';
    const refused = installed.filter(([, { engines, dev, optional }]) => {
      const nodes = dev === true || optional === true ? [ours] : [ours, oldest];
      return nodes.some((node) => !semver.satisfies(node, engines?.node ?? '*'));
    });
    expect(refused.map(([path, { engines }]) => `${path} ${engines?.node}`)).toEqual([]);
  });

  it('of Temporal have one version', () => {
    const ours = installed.filter(([path]) => path.startsWith('node_modules/@temporalio/'));
    expect([...new Set(ours.map(([, { version }]) => version))]).toEqual([manifest.dependencies['@temporalio/worker']]);
  });

  // Else each of Temporal's packages nests its own, and histories can be neither read nor replayed.
  it('share one protobufjs of the major that Temporal uses', () => {
    const major = (path: string) => semver.major(locked.find(([other]) => other === path)?.[1].version ?? '0.0.0');
    expect(major('node_modules/protobufjs')).toBe(8);
    const nested = [...paths].filter((path) => /@temporalio\/.*node_modules\/protobufjs$/.test(path));
    expect(nested).toEqual([]);
  });
});
