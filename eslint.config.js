// Lint rules by layer. Exported as a function of the folder, so that the architecture tests can lint bad fixtures with them.
import { defineConfig } from 'eslint/config';
import temporal from 'eslint-plugin-temporal';
import tseslint from 'typescript-eslint';

/** Its own types are written against another edition of the same interface. */
const temporalPlugin = /** @type {import('eslint').ESLint.Plugin} */ (/** @type {unknown} */ (temporal));

const SOURCES = ['**/*.ts', '**/*.mjs', '**/*.js'];
const TESTS = ['test/**/*.ts'];
const MAY_WAIT = ['test/support/**', 'test/bench/**'];
const BARRELS = ['workflows/index.ts', 'client/index.ts'];

/** What the sandbox of a workflow lacks, patches, or must not see. */
const FORBIDDEN_GLOBALS = [
  ...['process', 'Buffer', 'require', 'global', '__dirname', '__filename'].map((name) => ({
    name,
    message: 'Workflow code has no Node; do this in an activity.',
  })),
  ...['fetch', 'WebSocket', 'crypto', 'performance'].map((name) => ({
    name,
    message: 'Workflow code has no I/O and no clock of its own; do this in an activity.',
  })),
  ...['setTimeout', 'setInterval', 'setImmediate'].map((name) => ({
    name,
    message: 'Use sleep or condition of @temporalio/workflow: they have names and scopes in the history.',
  })),
  ...['WeakRef', 'FinalizationRegistry'].map((name) => ({
    name,
    message: 'Depends on garbage collection, which a replay does not repeat.',
  })),
];

const NO_REEXPORTS = [
  {
    selector: ':matches(ExportAllDeclaration, ExportNamedDeclaration[source])',
    message: 'No barrels: import the file that declares the name.',
  },
];

const NO_CLOCK_NO_CHANCE = [
  {
    selector: 'CallExpression[callee.property.name="now"][callee.object.name=/^(Date|DateTime)$/]',
    message: 'Domain code has no clock; take the time as an argument.',
  },
  {
    // Without a year both are the present moment; options alone name no moment either.
    selector:
      'CallExpression[callee.object.name="DateTime"][callee.property.name=/^(utc|local)$/]:matches([arguments.length=0], [arguments.0.type="ObjectExpression"])',
    message: 'Domain code has no clock; take the time as an argument.',
  },
  {
    selector: 'ImportDeclaration[source.value="ulid"]',
    message: 'Such an id is made of the clock and of chance; take the id as an argument.',
  },
  {
    selector: ':matches(NewExpression, CallExpression)[callee.name="Date"][arguments.length=0]',
    message: 'Domain code has no clock; take the time as an argument.',
  },
  {
    selector: 'MemberExpression[object.name="Math"][property.name="random"]',
    message: 'Domain code has no chance in it; take the number or the id as an argument.',
  },
];

/** eslint-plugin-temporal has a rule for this that does not know the SDK's own `isCancellation`. */
const NO_SWALLOWED_CANCELLATION = [
  {
    selector: 'CatchClause:has(CallExpression[callee.name="isCancellation"]):not(:has(ThrowStatement))',
    message: 'A cancellation is rethrown, always; clean up in CancellationScope.nonCancellable.',
  },
];

const TYPED = 'id.typeAnnotation.typeAnnotation';
const WRITABLE = `VariableDeclarator:not([${TYPED}.typeName.name=/^Readonly/], [${TYPED}.operator="readonly"])`;
const EMPTY = ':matches(NewExpression[callee.name=/^(Map|Set|WeakMap)$/], [elements.length=0], [properties.length=0])';
const KEPT = ['VariableDeclaration[kind="let"]', `VariableDeclaration > ${WRITABLE} > ${EMPTY}`];
/** All runs in a thread share the modules of the workflow bundle: what one wrote there another would read. */
const NO_MODULE_STATE = KEPT.map((kept) => ({
  selector: `Program > ${kept}, Program > ExportNamedDeclaration > ${kept}`,
  message: 'Runs share the modules of their bundle: keep it in the run, or say that it is read-only.',
}));

const NO_SLEEP = [
  {
    selector: 'NewExpression[callee.name="Promise"] CallExpression[callee.name="setTimeout"]',
    message: 'A test waits for an event with a deadline (test/support), never for time.',
  },
  {
    selector: 'ImportDeclaration[source.value=/^(node:)?timers\\u002Fpromises$/]',
    message: 'A test waits for an event with a deadline (test/support), never for time.',
  },
];

/** Rules of eslint-plugin-temporal by name: its presets carry opinions (and one false positive) that do not fit here. */
const TEMPORAL_RULES = [
  'no-temporal-internal-imports',
  'workflow-no-async-query-handler',
  'workflow-no-busy-wait',
  'workflow-no-console',
  'workflow-no-continue-as-new-in-update-handler',
  'workflow-no-duplicate-patch-ids',
  'workflow-no-dynamic-import',
  'workflow-no-query-mutation',
  'workflow-no-top-level-workflow-side-effects',
  'workflow-patch-id-literal',
  'workflow-require-message-definitions-at-module-scope',
  'workflow-signal-handler-returns-void',
];

/**
 * @param {string} root folder that holds tsconfig.json and the layers
 * @returns {import('eslint').Linter.Config[]}
 */
export function sluiceRules(root) {
  return defineConfig(
    {
      ignores: [
        '**/node_modules/',
        '.tools/',
        '.sluice/',
        '.sluice-*/',
        'dist/',
        'test/architecture/fixtures/',
        '*.cjs',
      ],
    },
    { linterOptions: { noInlineConfig: true } },
    {
      files: SOURCES,
      extends: [tseslint.configs.recommendedTypeChecked],
      languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
      rules: { ...typeRules, ...plainRules, ...sizeRules, 'no-restricted-syntax': ['error', ...NO_REEXPORTS] },
    },
    // A cast in JSDoc is no syntax, so these rules see the value before it; the compiler checks the casts.
    { files: ['**/*.mjs', '**/*.js'], rules: afterCastsInComments },
    workflowRules,
    testRules,
    { files: BARRELS, rules: { 'no-restricted-syntax': 'off' } },
  );
}

/** @type {import('eslint').Linter.RulesRecord} */
const typeRules = {
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
  '@typescript-eslint/no-import-type-side-effects': 'error',
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-misused-promises': 'error',
  '@typescript-eslint/no-non-null-assertion': 'error',
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
  '@typescript-eslint/only-throw-error': 'error',
  '@typescript-eslint/prefer-promise-reject-errors': 'error',
  // A default may call a function that takes the rest of the union: the compiler checks that one.
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  // A port's method is asynchronous for its real adapter; its fake need not wait for anything.
  '@typescript-eslint/require-await': 'off',
};

/** @type {import('eslint').Linter.RulesRecord} */
const afterCastsInComments = {
  '@typescript-eslint/no-unsafe-assignment': 'off',
  '@typescript-eslint/no-unsafe-argument': 'off',
  '@typescript-eslint/no-unsafe-return': 'off',
};

/** @type {import('eslint').Linter.RulesRecord} */
const plainRules = {
  eqeqeq: 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  'no-param-reassign': 'error',
  'no-unsafe-finally': 'error',
  'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'], location: 'anywhere' }],
};

/** @type {import('eslint').Linter.RulesRecord} */
const sizeRules = {
  'max-lines': ['error', 250],
  'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
  'max-params': ['error', 4],
};

const onlyTypesOf = (/** @type {string[]} */ group, /** @type {string} */ message) => ({
  group,
  allowTypeImports: true,
  message,
});

const IMPORTS_OF_WORKFLOWS = [
  onlyTypesOf(['**/activities/**'], 'A workflow knows activities by their types only.'),
  onlyTypesOf(['node:*'], 'Workflow code has no Node; do this in an activity.'),
];
const SCHEMAS = onlyTypesOf(
  ['zod', 'zod/*', '**/*.schema.ts'],
  'Recorded input must not be checked again on replay (and zod doubles the bundle): take the type only.',
);

/** @type {import('eslint').Linter.Config[]} */
const workflowRules = [
  {
    files: ['workflows/**/*.ts'],
    plugins: { temporal: temporalPlugin },
    rules: {
      ...Object.fromEntries(TEMPORAL_RULES.map((name) => [`temporal/${name}`, 'error'])),
      'no-restricted-globals': ['error', ...FORBIDDEN_GLOBALS],
      'no-restricted-syntax': ['error', ...NO_REEXPORTS, ...NO_SWALLOWED_CANCELLATION, ...NO_MODULE_STATE],
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: [...IMPORTS_OF_WORKFLOWS, SCHEMAS] }],
    },
  },
  {
    files: ['workflows/domain/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...NO_REEXPORTS, ...NO_CLOCK_NO_CHANCE, ...NO_MODULE_STATE] },
  },
  {
    // Keeps formats, which are slow to make: each is a function of its zone, whoever asked for it first.
    files: ['workflows/domain/windows/zone-offset.ts'],
    rules: { 'no-restricted-syntax': ['error', ...NO_REEXPORTS, ...NO_CLOCK_NO_CHANCE] },
  },
  {
    files: ['workflows/domain/**/*.schema.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: IMPORTS_OF_WORKFLOWS }] },
  },
  {
    files: ['activities/**/*.ts'],
    plugins: { temporal: temporalPlugin },
    rules: { 'temporal/no-temporal-internal-imports': 'error' },
  },
];

/** @type {import('eslint').Linter.Config[]} */
const testRules = [
  { files: TESTS, rules: { 'max-lines': ['error', 400], '@typescript-eslint/unbound-method': 'off' } },
  // One describe holds a whole behaviour; its length is the file's, which has its own limit. A property takes what it varies.
  {
    files: ['test/**/*.test.ts', 'test/**/*.suite.ts'],
    rules: { 'max-lines-per-function': 'off', 'max-params': 'off' },
  },
  { files: TESTS, ignores: MAY_WAIT, rules: { 'no-restricted-syntax': ['error', ...NO_REEXPORTS, ...NO_SLEEP] } },
];

/** Names of the rules that are set here and not by a preset: the architecture tests have a bad fixture for each. */
export function configuredRules() {
  const own = [{ rules: typeRules }, { rules: plainRules }, { rules: sizeRules }, ...workflowRules, ...testRules];
  const entries = own.flatMap(({ rules }) => Object.entries(rules ?? {}));
  return [...new Set(entries.filter(([, setting]) => setting !== 'off').map(([name]) => name))];
}

export default sluiceRules(import.meta.dirname);
