import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../activities/adapters/secrets/secret.ts';
import { head, redact, tail } from '../../../activities/runtime/redact.ts';
import { CREDENTIAL_TEXTS, HARMLESS_TEXTS } from '../../support/credential-texts.ts';

describe('what is kept as evidence', () => {
  it.each(CREDENTIAL_TEXTS)('%s', (text, shown) => {
    expect(redact(text)).toBe(shown);
    expect(redact(shown)).toBe(shown);
  });

  it.each(HARMLESS_TEXTS)('leaves alone: %s', (text) => expect(redact(text)).toBe(text));

  it('takes no longer for a text that was made to take long', () => {
    const long = ['a.', 'a-', 'password', 'x://', '"', ' '].map((part) => part.repeat(64_000 / part.length));
    for (const text of long) expect(redact(text)).toBe(text);
  });

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
