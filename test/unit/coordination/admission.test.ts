import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  admit,
  ask,
  awaitedRuns,
  DEVICES,
  endHold,
  giveBack,
  recover,
  rest,
  resume,
  takeHold,
  whyWaiting,
} from '#domain/coordination/admission.ts';
import { EMPTY_BOOKS, type Books, type Claim } from '#domain/coordination/place.ts';

const AT = '2026-01-01T00:00:00.000Z';

const claim = (ticket: number, over: Partial<Claim> = {}): Claim => ({
  environment: 'production',
  ticket,
  priority: 'normal',
  subject: `application-${ticket}`,
  after: [],
  maximum: 2,
  run: `run-${ticket}`,
  workflowId: `deployment/run-${ticket}`,
  request: 1,
  since: AT,
  ...over,
});

const asked = (...claims: readonly Claim[]): Books => claims.reduce(ask, EMPTY_BOOKS);
const admitted = (books: Books): string[] => admit(books, AT).admitted.map(({ run }) => run);
const SHOP = { subject: 'shop' };

describe('the queue of an environment', () => {
  it('lets runs in by their tickets, whatever the order in which they asked', () => {
    expect(admitted(asked(claim(3), claim(1), claim(2)))).toEqual(['run-1', 'run-2']);
  });

  it('lets nobody of the same application in beside another, and others past them', () => {
    expect(admitted(asked(claim(1, SHOP), claim(2, SHOP), claim(3)))).toEqual(['run-1', 'run-3']);
  });

  it('lets a later one of the same application not overtake one that waits for the maximum', () => {
    const full = admit(asked(claim(1), claim(2), claim(3, SHOP), claim(4, SHOP)), AT).books;
    const books = giveBack(full, 'run-1');
    expect(admitted(books)).toEqual(['run-3']);
  });

  it('keeps rollouts apart that have a device in common, and only those', () => {
    const devices = { subject: DEVICES, maximum: 5 };
    const books = asked(claim(1, devices), claim(2, devices), claim(3, { ...devices, after: ['run-1'] }));
    expect(admitted(books)).toEqual(['run-1', 'run-2']);
  });

  it('lets a way back in before others, and whatever is under way', () => {
    const full = admit(asked(claim(1), claim(2), claim(3)), AT).books;
    expect(admitted(ask(full, claim(4, { priority: 'rollback' })))).toEqual(['run-4']);
  });

  it('follows the maximum of the latest start', () => {
    expect(admitted(asked(claim(1), claim(2), claim(3, { maximum: 3 })))).toEqual(['run-1', 'run-2', 'run-3']);
  });

  it('keeps that maximum when the run that brought it is over', () => {
    const { books } = admit(asked(claim(1), claim(2), claim(3, { maximum: 1 })), AT);
    expect(admitted(giveBack(books, 'run-3'))).toEqual([]);
  });

  it('keeps a rollout that takes shares of everything from every other one', () => {
    const devices = { subject: DEVICES, maximum: 5 };
    expect(admitted(asked(claim(1, devices), claim(2, { ...devices, after: 'all' }), claim(3, devices)))).toEqual([
      'run-1',
    ]);
  });

  it('names those for whom others wait: who holds and who rests, not who waits itself', () => {
    const books = rest(admit(asked(claim(1), claim(2), claim(3)), AT).books, claim(1));
    expect(awaitedRuns(books).map(({ run }) => run)).toEqual(['run-2', 'run-1']);
  });

  it('tells why somebody waits', () => {
    const { books } = admit(asked(claim(1, SHOP), claim(2), claim(3, SHOP), claim(4)), AT);
    const why = books.waiting.map((one) => whyWaiting(books, one, AT));
    expect(why).toEqual([
      { kind: 'subject', behind: ['run-1'] },
      { kind: 'maximum', maximum: 2, behind: ['run-1', 'run-2'] },
    ]);
  });
});

describe('a run that rests', () => {
  const resting = rest(admit(asked(claim(1, SHOP), claim(2)), AT).books, claim(1, SHOP));

  it('keeps its application and gives its share to others', () => {
    expect(admitted(ask(ask(resting, claim(3, SHOP)), claim(4)))).toEqual(['run-4']);
  });

  it('goes on before those that have not begun', () => {
    const { books } = admit(ask(resting, claim(3)), AT);
    const waiting = ask(resume(books, claim(1, SHOP)), claim(4));
    expect(admitted(giveBack(waiting, 'run-2'))).toEqual(['run-1']);
  });
});

describe('books that were lost', () => {
  it('are made up from what runs say, and what a run told meanwhile stands', () => {
    const told = ask(EMPTY_BOOKS, claim(4));
    const books = [
      [claim(1, SHOP), 'held'],
      [claim(2), 'resting'],
      [claim(3, SHOP), 'queued'],
      [claim(4), 'held'],
      [claim(5), 'none'],
    ].reduce((sum, [one, standing]) => recover(sum, one as Claim, standing as 'held'), told);
    expect(books.holders.map(({ run }) => run)).toEqual(['run-1']);
    expect(books.resting.map(({ run }) => run)).toEqual(['run-2']);
    expect(books.waiting.map(({ run }) => run)).toEqual(['run-3', 'run-4']);
  });
});

type Move = readonly ['ask' | 'giveBack' | 'rest' | 'resume', number];

it('never lets two of one subject act at once, nor more than the maximum begin, nor loses anybody', () => {
  const moves = fc.array(
    fc.tuple(fc.constantFrom('ask', 'giveBack', 'rest', 'resume'), fc.integer({ min: 1, max: 12 })),
    { maxLength: 80 },
  ) as fc.Arbitrary<Move[]>;
  fc.assert(
    fc.property(moves, (all) => {
      let books: Books = EMPTY_BOOKS;
      const present = new Set<string>();
      for (const [move, at] of all) {
        const one = claim(at, { subject: `application-${at % 4}` });
        const isHolder = books.holders.some(({ run }) => run === one.run);
        const isResting = books.resting.some(({ run }) => run === one.run);
        if (move === 'ask' && !present.has(one.run)) books = ask(books, one);
        else if (move === 'rest' && isHolder) books = rest(books, one);
        else if (move === 'resume' && isResting) books = resume(books, one);
        else if (move === 'giveBack') books = giveBack(books, one.run);
        else continue;
        if (move === 'giveBack') present.delete(one.run);
        else present.add(one.run);
        books = admit(books, AT).books;
        const having = [...books.holders, ...books.resting].map(({ subject }) => subject);
        expect(new Set(having).size).toBe(having.length);
        expect(books.holders.length).toBeLessThanOrEqual(2);
        const known = [...books.holders, ...books.resting, ...books.waiting].map(({ run }) => run);
        expect(new Set(known)).toEqual(present);
      }
    }),
  );
});

describe('an environment that is taken back', () => {
  const HOLD = { id: 'emg_1', since: AT };

  it('lets nobody in but ways back, not even one that had begun, and says so', () => {
    const resting = rest(EMPTY_BOOKS, claim(1));
    const books = takeHold(ask(ask(resume(resting, claim(1)), claim(2)), claim(3, { priority: 'rollback' })), HOLD);
    expect(admitted(books)).toEqual(['run-3']);
    const [, first] = books.waiting;
    expect(first && whyWaiting(books, first, AT)).toEqual({ kind: 'emergency', emergency: 'emg_1', behind: [] });
  });

  it('lets everybody in again after its own end, and only that', () => {
    const books = takeHold(asked(claim(1)), HOLD);
    expect(admitted(endHold(books, 'emg_0'))).toEqual([]);
    expect(admitted(endHold(books, 'emg_1'))).toEqual(['run-1']);
  });
});
