import { describe, expect, it, test } from 'vitest';
import { ConfigurationFile } from '#domain/environments/configuration.schema.ts';
import { nearest } from '#domain/environments/problem.ts';
import { SluiceError } from '#domain/errors/failure.ts';
import { checkDocument, readDocument } from '../../../client/engine/environments/read-document.ts';

/** The lines of the refusal of a configuration file. */
function problemsOf(yaml: string): string[] {
  try {
    checkDocument(ConfigurationFile, readDocument({ content: yaml, name: 'config.yaml' }), 'config.yaml');
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.report.where).toBe('config.yaml');
    return error.message.split('\n');
  }
  return [];
}

describe('a wrong configuration file', () => {
  test.each([
    [
      'an unknown key, with the key that was meant',
      'environments: { production: { aproval_required: true } }',
      'environments.production.aproval_required: expected a known key, got an unknown one. Did you mean approval_required?',
    ],
    [
      'an unknown section that resembles nothing, with those there are',
      'kubernetes: {}',
      /^kubernetes: expected a known key, got an unknown one\. Known here: environments, health_checks,/,
    ],
    [
      'a wrong type',
      'rollback_criteria: { max_failure_rate: "ten" }',
      'rollback_criteria.max_failure_rate: expected a percentage from 0 to 100, got "ten". Set rollback_criteria.max_failure_rate to a percentage from 0 to 100.',
    ],
    [
      'a number where text is meant',
      'environments: { production: { name: 12 } }',
      'environments.production.name: expected a name, got 12. Put it in quotes.',
    ],
    [
      'a number out of its range',
      'rollback_criteria: { max_failure_rate: 120 }',
      /expected a percentage from 0 to 100, got 120/,
    ],
    [
      'what is missing',
      'health_checks: { api: { type: http } }',
      /^health_checks\.api\.endpoint: expected an endpoint, got nothing\. Add health_checks\.api\.endpoint\.$/,
    ],
    [
      'a kind of check that does not exist',
      'health_checks: { api: { type: icmp } }',
      /^health_checks\.api\.type: expected one of http, mqtt, tcp, command, database, got "icmp"/,
    ],
    [
      'a stage that does not exist',
      'environments: { p: { stage: prod } }',
      /expected one of development, testing, staging, production, got "prod"/,
    ],
    [
      'a time zone that does not exist',
      'environments: { p: { deployment_window: { start_time: "02:00", end_time: "06:00", timezone: Mars } } }',
      /timezone: expected an IANA time zone/,
    ],
    [
      'a window of no length',
      'environments: { p: { deployment_window: { start_time: "02:00", end_time: "02:00" } } }',
      /deployment_window: expected two different times/,
    ],
    [
      'a time of day that does not exist',
      'environments: { p: { deployment_window: { start_time: "25:00", end_time: "06:00" } } }',
      /start_time: expected a time of day such as "02:00", got "25:00"/,
    ],
    [
      'a window that is neither daily nor a rule',
      'environments: { p: { deployment_windows: [{ name: nights }] } }',
      /deployment_windows\[0\]\.start_time: expected a time of day such as "02:00", or rrule, dtstart and duration, got nothing/,
    ],
    [
      'a rule of which a part is not supported',
      'environments: { p: { deployment_windows: [{ name: w, rrule: "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1", dtstart: "2026-01-03T22:00", duration: 8h }] } }',
      /rrule: expected an ordinal in BYDAY \(2TU, -1FR\) instead of BYSETPOS, got "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1"/,
    ],
    [
      'a rule without its first day',
      'environments: { p: { deployment_windows: [{ name: w, rrule: "FREQ=DAILY", duration: 8h }] } }',
      /dtstart: expected a local time such as "2026-01-03T22:00" beside rrule, got nothing/,
    ],
    [
      'a first day with a zone of its own',
      'environments: { p: { deployment_windows: [{ name: w, rrule: "FREQ=DAILY", dtstart: "2026-01-03T22:00Z", duration: 8h }] } }',
      /dtstart: expected a local time such as "2026-01-03T22:00", without zone, got "2026-01-03T22:00Z"/,
    ],
    [
      'a window of both kinds',
      'environments: { p: { deployment_windows: [{ name: w, start_time: "02:00", rrule: "FREQ=DAILY", dtstart: "2026-01-03T22:00", duration: 8h }] } }',
      /start_time: expected no start_time beside rrule, dtstart, duration, got "02:00"/,
    ],
    [
      'a listed window of no length',
      'environments: { p: { deployment_windows: [{ name: w, start_time: "02:00", end_time: "02:00" }] } }',
      /end_time: expected another time than start_time/,
    ],
    [
      'a day that does not exist',
      'environments: { p: { deployment_windows: [{ name: w, start_time: "02:00", end_time: "03:00", days: [Saturday] }] } }',
      /days\[0\]: expected one of mon, tue, wed, thu, fri, sat, sun, got "Saturday"/,
    ],
    [
      'two windows of one name',
      'environments: { p: { deployment_windows: [{ name: w, start_time: "02:00", end_time: "03:00" }, { name: w, start_time: "05:00", end_time: "06:00" }] } }',
      /deployment_windows: expected a name of its own for each window, got a list of 2/,
    ],
    [
      'a window that takes the name of the single one',
      'environments: { p: { deployment_windows: [{ name: deployment_window, start_time: "02:00", end_time: "03:00" }] } }',
      /expected no window named deployment_window/,
    ],
    [
      'a password in an address',
      'environments: { p: { health_check_url: "http://ada:pw@host/health" } }',
      /health_check_url: expected an absolute http\(s\) URL without user and password/,
    ],
    [
      'a token in an address',
      'environments: { p: { health_check_url: "https://host/health?token=hunter2" } }',
      /health_check_url: expected an absolute http\(s\) URL .* or token, got "https:\/\/host\/health\?token=\[redacted\]"/,
    ],
    [
      'a token in an endpoint, and where it belongs',
      'gates: { web: { http: { endpoint: "/check?access_token=hunter2" } } }',
      /^gates\.web\.http\.endpoint: expected an endpoint without a token in it \(give it under headers\)/,
    ],
    [
      'a password in a command, and where it belongs',
      'gates: { scan: { command: "scan --password hunter2" } }',
      /^gates\.scan\.command: expected a command without a password or token in it \(give it under env and write \$NAME\)/,
    ],
    [
      'a password among the arguments of a command',
      'gates: { scan: { command: [scan, --token, hunter2] } }',
      /^gates\.scan\.command: expected a command without a password/,
    ],
    [
      'variables without a command',
      'gates: { web: { manual: true, env: { A: b } } }',
      /^gates\.web\.env: expected a command to give env to/,
    ],
    [
      'a variable that Sluice sets itself',
      'gates: { scan: { command: "true", env: { SLUICE_RUN: x } } }',
      /^gates\.scan\.env\.SLUICE_RUN: expected a variable’s name .* that does not begin with SLUICE_/,
    ],
    [
      'two headers that are one',
      'health_checks: { a: { type: http, endpoint: /x, headers: { X-Token: a, x-token: b } } }',
      /^health_checks\.a\.headers: expected each of the headers and their values once/,
    ],
    [
      'a header of two lines',
      'health_checks: { a: { type: http, endpoint: /x, headers: { X-Token: "a\\nhunter2" } } }',
      /^health_checks\.a\.headers\.X-Token: expected text in one line, .*, got a text \(not shown\)/,
    ],
    [
      'a broker’s address in which the password ends nowhere',
      'health_checks: { m: { type: mqtt, topic: t, broker: "mqtt://u:p/hunter2@b:1883" } }',
      /^health_checks\.m\.broker: expected a broker URL such as mqtt:\/\/broker\.example:1883, got a text \(not shown\)/,
    ],
    [
      'a credential behind a broker’s address',
      'health_checks: { m: { type: mqtt, topic: t, broker: "wss://b/mqtt?token=hunter2" } }',
      /^health_checks\.m\.broker: expected a broker URL/,
    ],
    [
      'another host in a relative endpoint',
      'health_checks: { a: { type: http, endpoint: "//evil.example/x" } }',
      /endpoint: expected a path that begins with \//,
    ],
    [
      'two things for one gate to run',
      'gates: { scan: { command: "true", manual: true } }',
      /^gates\.scan: expected only one of command, http, manual and load/,
    ],
    [
      'the same gate twice',
      'quality_gates: { pre_deployment: [security_scan, security_scan] }',
      /pre_deployment: expected each gate at most once/,
    ],
    [
      'a name that is no name',
      'people: { "": { roles: [] } }',
      /^people\.: expected a name of at most 64 characters|^people: /,
    ],
    [
      'an environment without anything',
      'environments: { production: }',
      /^environments\.production: expected a section with the keys name, target, type/,
    ],
    ['a file that is no configuration', 'just text', /^expected a section with the keys environments/],
    [
      'a duration that is none',
      'performance: { deployment_timeout: soon }',
      /expected a duration such as 30s, 5m or 2h/,
    ],
    ['an infinite time-out', 'performance: { deployment_timeout: 0 }', /above 0 and up to 400 days, got 0/],
    [
      'a gate of weeks',
      'gates: { soak: { command: "true", timeout: 8d } }',
      /^gates\.soak\.timeout: expected a duration .*, above 0 and up to 7 days, got "8d"/,
    ],
    [
      'a health check of days',
      'health_checks: { api: { type: http, endpoint: "http://h/", timeout: 2h } }',
      /^health_checks\.api\.timeout: expected a duration .*, above 0 and up to 1 h, got "2h"/,
    ],
    [
      'an unknown key inside an alternative',
      'gates: { scan: { manual: { quorm: 1 } } }',
      /^gates\.scan\.manual\.quorm: .* Did you mean quorum\?$/,
    ],
  ])('names %s', (_what, yaml, expected) => {
    const problems = problemsOf(yaml);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
    expect(problems[0]).not.toContain('hunter2');
  });

  it.each([
    'curl -H "Authorization: Bearer $TOKEN" https://$USER:${PASS}@host/',
    'scan --password "$(cat /run/secret)" --token=$TOKEN',
    'scan --password-file /run/secret',
    'make test',
  ])('is not one whose command only refers to a secret: %s', (command) => {
    expect(problemsOf(JSON.stringify({ gates: { scan: { command } } }))).toEqual([]);
  });

  it('is refused with all of its problems at once', () => {
    const problems = problemsOf('performance: { worker_threads: 0 }\nsecurity: { api_key_auth: 1 }\ncashe: {}');
    expect(problems.map((one) => one.split(':')[0])).toEqual([
      'performance.worker_threads',
      'security.api_key_auth',
      'cashe',
    ]);
  });

  it('lists the known keys once for several that resemble none', () => {
    expect(problemsOf('xylophone: 1\nquartz: 2')).toEqual([
      expect.stringMatching(
        /^xylophone, quartz: expected a known key, got an unknown one\. Known here: environments, /,
      ),
    ]);
  });

  it('writes out what a terminal would obey, in keys too', () => {
    const problems = problemsOf('"cas\\u001b[2Jhe": {}\nglobal: { project: "a\\u009bb" }');
    expect(problems.join('\n')).not.toMatch(/[^\P{Cc}\n]/u);
    expect(problems.join('\n')).toContain('cas\\u001b[2Jhe: expected a known key');
  });

  it('never repeats what may be a secret', () => {
    const [problem] = problemsOf('security: { jwt_secret: 471147 }');
    expect(problem).toContain('security.jwt_secret');
    expect(problem).not.toContain('471147');
  });
});

it.each(['local', 'system', 'default', '+02:00', 'UTC+2', 'Mars'])(
  'a window is not read on the clock of %j',
  (zone) => {
    const window = `{ start_time: "02:00", end_time: "06:00", timezone: "${zone}" }`;
    expect(problemsOf(`environments: { p: { deployment_window: ${window} } }`)).toEqual([
      expect.stringMatching(/deployment_window\.timezone: expected an IANA time zone such as UTC or Europe\/Berlin/),
    ]);
  },
);

it.each(['UTC', 'utc', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])(
  'a window may be read on the clock of %s',
  (zone) => {
    const window = `{ start_time: "22:00", end_time: "06:00", timezone: "${zone}" }`;
    expect(problemsOf(`environments: { p: { deployment_window: ${window} } }`)).toEqual([]);
  },
);

describe('a file that is neither YAML nor JSON', () => {
  const unreadable = (content: string): SluiceError => {
    try {
      readDocument({ content, name: 'config.yaml' });
    } catch (error) {
      if (error instanceof SluiceError) return error;
    }
    throw new Error('was read');
  };

  test.each([
    ['a key twice', 'a: 1\na: 2', 'config.yaml: line 2'],
    ['an anchor that does not exist', 'a: { <<: *none }', 'config.yaml'],
    ['a bracket that is never closed', 'a: [1', 'config.yaml: line 1'],
    ['JSON with a comma too much', '{"a": 1,, }', 'config.yaml: line 1'],
  ])('is refused with the line: %s', (_what, content, where) => {
    expect(unreadable(content).code).toBe('CONFIG_UNREADABLE');
    expect(unreadable(content).report.where).toBe(where);
  });

  it('is refused in words that any terminal can show', () => {
    expect(unreadable('a: *\u009bx').message).toMatch(/\\u009bx/);
    expect(unreadable('a: *\u009bx').message).not.toMatch(/\p{Cc}/u);
  });

  it('is refused when it would unfold without end', () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x]',
      ...'bcdefgh'.split('').map((key, at) => `${key}: &${key} [${Array(9).fill(`*${'abcdefg'[at]}`).join(', ')}]`),
    ].join('\n');
    expect(unreadable(bomb).code).toBe('CONFIG_UNREADABLE');
  });
});

it('finds the name that was meant, and none when none is near', () => {
  expect(nearest('health_check_ulr', ['health_check_url', 'health_checks'])).toBe('health_check_url');
  expect(nearest('Stage', ['stage', 'name'])).toBe('stage');
  expect(nearest('kubernetes', ['stage', 'name'])).toBeNull();
});
