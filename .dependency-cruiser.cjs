// Which layer may import which. Each rule has a fixture in test/architecture/fixtures/arrows that makes it fire.

/** Packages without I/O, clock or chance; domain code may compute with them. */
const PURE_PACKAGES = ['zod', 'luxon', 'canonicalize', 'semver', '@marcbachmann/cel-js'];
/** What Temporal's sandbox provides. */
const SANDBOX_PACKAGES = ['@temporalio/workflow', '@temporalio/common'];

const inPackages = (names) => `(^|/)node_modules/(@types/)?(${names.join('|')})/`;
const notByType = { dependencyTypesNot: ['type-only'] };
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const arrows = [
  forbid(
    'domain-is-the-floor',
    'Contracts and rules know no layer above them.',
    { path: '^workflows/domain/' },
    { path: '^(workflows/(?!domain/)|(activities|workers|client|test)/)' },
  ),
  forbid(
    'workflows-take-types-only-from-activities',
    'Activities are called through proxies; their code stays out of the sandbox.',
    { path: '^workflows/' },
    { path: '^activities/', ...notByType },
  ),
  forbid(
    'workflows-know-no-client',
    'Clients call workflows, never the other way.',
    { path: '^workflows/' },
    { path: '^client/' },
  ),
  forbid(
    'adapters-take-only-domain',
    'A thin client of one technology: no features, no workflows, no other technology.',
    { path: '^activities/adapters/([^/]+)/' },
    { path: '^(workflows/(?!domain/)|client/|activities/)', pathNot: '^activities/adapters/$1/' },
  ),
  forbid(
    'activities-take-domain-and-adapters',
    'Activities implement ports of the domain; they know neither workflows nor clients.',
    { path: '^activities/(?!adapters/)' },
    { path: '^(workflows/(?!domain/)|client/)', ...notByType },
  ),
  forbid(
    'activity-features-are-apart',
    'Features share through the domain, the adapters and activities/runtime.',
    { path: '^activities/(?!adapters/|runtime/)([^/]+)/' },
    { path: '^activities/', pathNot: '^activities/($1|adapters|runtime)/' },
  ),
  forbid(
    'client-sees-messages-only',
    'Of a workflow the outside knows its messages and the domain.',
    { path: '^client/' },
    { path: '^workflows/', pathNot: ['^workflows/domain/', '\\.messages\\.ts$'], ...notByType },
  ),
  forbid(
    'client-takes-few-adapters',
    'Clients hold the credentials of PostgreSQL, the broker and Temporal, read filters and firmware files, and know no target.',
    { path: '^client/' },
    {
      path: '^activities/',
      pathNot: '^activities/adapters/(postgres|mqtt|temporal|cel|object-store|signing)/',
      ...notByType,
    },
  ),
  forbid(
    'simulator-knows-nothing-of-the-engine',
    'Simulated devices are a witness against the engine, so they share no code with it.',
    { path: '^client/devices/simulator/' },
    { path: '^((workflows|activities)/|client/(?!devices/simulator/))' },
  ),
  forbid(
    'nobody-imports-workers',
    'Composition roots are started, not imported.',
    { path: '^(workflows|activities|client)/' },
    { path: '^workers/' },
  ),
  forbid(
    'nobody-imports-test',
    'What is shipped does not contain its tests.',
    { path: '^(workflows|activities|workers|client)/' },
    { path: '^test/' },
  ),
];

const determinism = [
  forbid(
    'no-node-core-in-workflows',
    'The sandbox has no Node.',
    { path: '^workflows/' },
    { dependencyTypes: ['core'], ...notByType },
  ),
  forbid(
    'schemas-stay-out-of-workflow-code',
    'Recorded input is not checked again on replay, and zod doubles the bundle: workflow code takes their types.',
    { path: '^workflows/', pathNot: '^workflows/domain/.*\\.schema\\.ts$' },
    { path: ['\\.schema\\.ts$', inPackages(['zod'])], ...notByType },
  ),
  forbid(
    'workflows-take-no-packages',
    'Only what the sandbox provides.',
    { path: '^workflows/(?!domain/)' },
    { path: '(^|/)node_modules/', pathNot: inPackages(SANDBOX_PACKAGES), ...notByType },
  ),
  forbid(
    'domain-takes-pure-packages',
    'Only packages that compute.',
    { path: '^workflows/domain/' },
    { path: '(^|/)node_modules/', pathNot: inPackages(PURE_PACKAGES), ...notByType },
  ),
];

const hygiene = [
  forbid('no-cycle', 'Two files that need each other are one file, or three.', {}, { circular: true }),
  forbid('no-unresolvable', 'An import that leads nowhere.', {}, { couldNotResolve: true }),
  forbid(
    'shipped-code-takes-no-dev-packages',
    'A package that runs in production is a dependency.',
    { path: '^(workflows|activities|workers|client)/' },
    { dependencyTypes: ['npm-dev'], ...notByType },
  ),
];

module.exports = {
  forbidden: [...arrows, ...determinism, ...hygiene],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^test/architecture/fixtures/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
