import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../activities/adapters/secrets/secret.ts';
import { head, redact, tail } from '../../../activities/runtime/redact.ts';

describe('what is kept as evidence', () => {
  it.each([
    ['https://ada:s3cret@example.org/x', 'https://[redacted]@example.org/x'],
    ['Authorization: Bearer abcdefgh12345678', 'Authorization: [redacted]'],
    ['{"password":"hunter2","user":"ada"}', '{"password":"[redacted]","user":"ada"}'],
    ['API_KEY=12345 ok', 'API_KEY=[redacted] ok'],
    ['nothing to hide: 200 OK', 'nothing to hide: 200 OK'],
  ])('%s', (text, clean) => expect(redact(text)).toBe(clean));

  it('holds no secret that was used', () => {
    expect(redact('refused user ada with tr0ub4dor', ['tr0ub4dor'])).toBe('refused user ada with [redacted]');
  });

  it('is never more than a page, and says what is missing', () => {
    expect(tail('x'.repeat(10) + 'end', 3)).toBe('… (10 characters before)\nend');
    expect(head('begin' + 'x'.repeat(10), 5)).toBe('begin\n… (10 more characters)');
    expect(tail('short')).toBe('short');
  });
});

describe('a secret', () => {
  it('shows itself nowhere but where it is asked for', () => {
    const secret = new Secret('hunter2');
    expect(`${String(secret)} ${JSON.stringify({ secret })} ${inspect({ secret })}`).not.toContain('hunter2');
    expect(secret.reveal()).toBe('hunter2');
  });
});
