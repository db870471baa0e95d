import { expect, it } from 'vitest';
import { peopleSection } from '../../../client/cli/demo/fleet.ts';

const grace = { roles: ['owner'] };

it('the demo leaves the people alone when ada may approve already', () => {
  expect(peopleSection({ ada: { roles: ['approver'] }, grace })).toEqual({});
});

it('the demo keeps the people and roles that are there when it lets ada approve', () => {
  expect(peopleSection({ grace })).toEqual({ people: { grace, ada: { roles: ['approver'] } } });
  expect(peopleSection({ ada: { roles: ['owner'] } })).toEqual({ people: { ada: { roles: ['owner', 'approver'] } } });
});
