import { describe, expect, it } from 'vitest';
import { createLogger, logLevelOf } from '../../../client/engine/logging.ts';
import { CREDENTIAL_TEXTS, HARMLESS_TEXTS } from '../../support/credential-texts.ts';

function logged(log: (logger: ReturnType<typeof createLogger>) => void, level: 'info' | 'debug' = 'info'): string[] {
  const lines: string[] = [];
  log(createLogger('test', level, { write: (line) => void lines.push(line) }));
  return lines;
}

describe('a log', () => {
  it('writes one JSON line for each entry, with part, level and time', () => {
    const [line = ''] = logged((logger) => logger.info({ devices: 3 }, 'ready'));
    expect(JSON.parse(line)).toMatchObject({ level: 'info', part: 'test', devices: 3, msg: 'ready' });
    expect(Date.parse((JSON.parse(line) as { time: string }).time)).not.toBeNaN();
  });

  it('replaces secrets at every depth, in URLs and in errors', () => {
    const lines = logged((logger) => {
      logger.info({ a: { b: [{ password: 'hunter2' }] }, Authorization: 'Basic hunter2' });
      logger.info('connecting to postgresql://ada:hunter2@db/sluice');
      logger.error(new Error('cannot reach mqtt://ada:hunter2@broker'));
      logger.error({ err: new Error('outer', { cause: new Error('http://x:hunter2@y') }) }, 'failed');
    });
    expect(lines).toHaveLength(4);
    expect(lines.join('')).not.toContain('hunter2');
    expect(lines.join('')).toContain('postgresql://[redacted]@db/sluice');
  });

  it.each(CREDENTIAL_TEXTS)(
    'shows %s without its credential, as a message, in a field and in an error',
    (text, shown) => {
      const lines = logged((logger) => {
        logger.info({ field: text }, text);
        logger.error(new Error(text));
      });
      const [entry, error] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(entry).toMatchObject({ field: shown, msg: shown });
      expect(error).toMatchObject({ msg: shown, err: { message: shown } });
    },
  );

  it.each(HARMLESS_TEXTS)('leaves alone: %s', (text) => {
    const [line = ''] = logged((logger) => logger.info(text));
    expect(JSON.parse(line)).toMatchObject({ msg: text });
  });

  it.each([
    'token',
    'cookie',
    'Set-Cookie',
    'access_token',
    'apiKey',
    'refreshToken',
    'db_password',
    'pwd',
    'DB_PASS',
    'X-Auth',
  ])('hides what stands under %s', (key) => {
    const [line = ''] = logged((logger) => logger.info({ a: [{ [key]: 'hunter2' }] }));
    expect(JSON.parse(line)).toMatchObject({ a: [{ [key]: '[redacted]' }] });
  });

  it('shows nothing of what lies deeper than it looks', () => {
    const deep = Array.from({ length: 12 }).reduce<object>((inner) => ({ inner }), { password: 'hunter2' });
    expect(logged((logger) => logger.info(deep)).join('')).not.toContain('hunter2');
  });

  it('leaves what is no secret alone', () => {
    const [line = ''] = logged((logger) => logger.info({ clientToken: 't1', url: 'http://host/path', n: null }));
    expect(JSON.parse(line)).toMatchObject({ clientToken: 't1', url: 'http://host/path', n: null });
  });

  it('leaves out what is below its level', () => {
    expect(logged((logger) => logger.debug('detail'))).toEqual([]);
    expect(logged((logger) => logger.debug('detail'), 'debug')).toHaveLength(1);
  });

  it('takes its level from the environment, info when that is no level', () => {
    expect(logLevelOf({ SLUICE_LOG_LEVEL: 'warn' })).toBe('warn');
    expect(logLevelOf({ SLUICE_LOG_LEVEL: 'loud' })).toBe('info');
    expect(logLevelOf({})).toBe('info');
  });
});
