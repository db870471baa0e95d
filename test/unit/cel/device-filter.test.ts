import { describe, expect, it } from 'vitest';
import { SluiceError } from '#domain/errors/failure.ts';
import { compileDeviceFilter } from '../../../activities/adapters/cel/device-filter.ts';

const device = (tags: Record<string, string> = {}) => ({
  thing: 'pump-7',
  hardware: 'edge-a',
  firmware: '1.0.0',
  tags,
});
const matches = (filter: string, tags: Record<string, string> = {}) => compileDeviceFilter(filter)(device(tags));

function refusal(filter: string) {
  try {
    compileDeviceFilter(filter);
  } catch (error) {
    if (error instanceof SluiceError) return error.report;
    throw error;
  }
  throw new Error(`${filter} was accepted`);
}

describe('a device filter', () => {
  it('sees the name, the hardware, the firmware and the tags', () => {
    expect(matches('device.hardware == "edge-a" && device.tags.site == "a"', { site: 'a' })).toBe(true);
    expect(matches('device.hardware == "edge-a" && device.tags.site == "a"', { site: 'b' })).toBe(false);
    expect(matches('device.thing.startsWith("pump-") && device.firmware in ["1.0.0", "1.0.1"]')).toBe(true);
    expect(matches('device.thing.matches("^pump-[0-9]+$")')).toBe(true);
  });

  it('asks patterns in linear time, where backtracking would not end in a lifetime', () => {
    expect(matches('device.tags.n.matches("^(a+)+$")', { n: `${'a'.repeat(255)}b` })).toBe(false);
    expect(matches('device.tags.n.matches("^(a+)+$")', { n: 'a'.repeat(256) })).toBe(true);
    expect(matches('device.tags.n.matches("b")', { n: 'abc' })).toBe(true);
    expect(matches('["pump-7", "x"].exists(name, name.matches("^x$"))')).toBe(true);
  });

  it('does not match a device that lacks a tag it asks for', () => {
    expect(matches('device.tags.site == "a"')).toBe(false);
    expect(matches('device.tags.site != "a"')).toBe(false);
    expect(matches('!(device.tags.site == "a")')).toBe(false);
    expect(matches('device.tags["site"] == "a"')).toBe(false);
  });

  it('still matches by the other side of an "or" when a tag is missing', () => {
    expect(matches('device.tags.site == "a" || device.hardware == "edge-a"')).toBe(true);
    expect(matches('device.hardware == "edge-a" || device.tags.site == "a"')).toBe(true);
    expect(matches('device.tags.site == "a" || device.hardware == "edge-b"')).toBe(false);
  });

  it('can ask whether a tag is there', () => {
    expect(matches('has(device.tags.site)')).toBe(false);
    expect(matches('!has(device.tags.site)')).toBe(true);
    expect(matches('"site" in device.tags', { site: '' })).toBe(true);
  });

  it('does not match when a tag cannot be converted', () => {
    expect(matches('int(device.tags.floor) > 3', { floor: '4' })).toBe(true);
    expect(matches('int(device.tags.floor) > 3', { floor: 'roof' })).toBe(false);
  });

  it('finds no tag in what every object inherits', () => {
    expect(matches('has(device.tags.constructor)')).toBe(false);
    expect(matches('device.tags.toString == "x"')).toBe(false);
    expect(matches('has(device.tags.__proto__)')).toBe(false);
  });
});

describe('an invalid filter', () => {
  it('is refused with its line and column', () => {
    expect(refusal('device.hardware = "a"')).toMatchObject({
      code: 'FILTER_INVALID',
      where: 'line 1, column 17',
      found: '=',
    });
    expect(refusal('device.thing == "a"\n  && device.tag == "b"')).toMatchObject({
      where: 'line 2, column 13',
      found: 'tag',
    });
    expect(refusal('device.hardware == "a')).toMatchObject({ where: 'line 1, column 20' });
    expect(refusal('')).toMatchObject({ where: 'line 1, column 1' });
  });

  it.each([
    ['thing == "a"', 'Unknown variable: thing'],
    ['device.thing == 3', 'no such overload: string == int'],
    ['device.tags.site', 'expected an expression that is true or false, got one of type string'],
    ['device', 'expected an expression that is true or false'],
    ['dyn(true)', 'expected an expression that is true or false'],
    ['contains(device.thing)', 'found no matching overload'],
  ])('is refused when it asks for what is not there: %s', (filter, why) => {
    expect(refusal(filter).message).toContain(why);
  });

  it.each([
    ['[', 'missing closing ]: `[`'],
    ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
    [String.raw`(a)\\1`, 'invalid escape sequence'],
    ['a{900}b{900}', 'its repetitions make it too large'],
    ['a'.repeat(501), 'more than 500 characters'],
  ])('is refused when a pattern in it is none of RE2, wherever it stands: %s', (pattern, why) => {
    const report = refusal(`device.hardware == "x" && !(true || device.thing.matches("${pattern}"))`);
    expect(report.message).toContain(why);
    expect(report.found).toBe(`"${pattern}"`);
  });

  it('is refused when a pattern is made for each device, or asks what is no text', () => {
    expect(refusal('device.thing.matches(device.hardware)')).toMatchObject({ found: 'hardware' });
    expect(refusal('device.tags.matches("a")').message).toContain('matches() asks a text');
    expect(matches('!dyn(3).matches("a")')).toBe(false);
  });

  it.each([
    '[1, 2].all(a, [1, 2].exists(b, a == b))',
    '[device.thing].map(name, name + name).exists(name, name == "x")',
    'cel.bind(a, "x", cel.bind(b, a + a, b == "xx"))',
  ])('is refused when its loops would multiply: %s', (filter) => {
    expect(refusal(filter).message).toContain('over or in another loop');
  });

  it('is refused when it is endless', () => {
    const endless = Array.from({ length: 3_000 }, () => 'true').join(' || ');
    expect(refusal(endless).code).toBe('FILTER_INVALID');
    expect(refusal(`device.thing == "${'x'.repeat(70_000)}"`).message).toContain('more than 65536 characters');
  });
});
