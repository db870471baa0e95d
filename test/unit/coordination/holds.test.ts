import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admit, ask, giveBack, resume, rest, whyWaiting } from '#domain/coordination/admission.ts';
import {
  adopt,
  freezeAt,
  holdsOf,
  NO_HOLDS,
  pinOf,
  tell,
  type Freeze,
  type Holds,
  type Pin,
} from '#domain/coordination/holds.ts';
import { EMPTY_BOOKS, type Books, type Claim } from '#domain/coordination/place.ts';

const AT = '2026-01-01T12:00:00.000Z';
const LATER = '2026-01-01T14:00:00.000Z';

const claim = (ticket: number, over: Partial<Claim> = {}): Claim => ({
  environment: 'production',
  ticket,
  priority: 'normal',
  subject: `application-${ticket}`,
  after: [],
  maximum: 9,
  run: `run-${ticket}`,
  workflowId: `deployment/run-${ticket}`,
  request: 1,
  since: AT,
  version: `${ticket}.0.0`,
  ...over,
});
const FREEZE: Freeze = { id: 7, reason: 'month end', by: 'ada', since: AT, until: LATER };
const PIN: Pin = { subject: 'shop', versions: ['1.0.0'], by: 'ada', reason: 'slow', since: AT, run: 'run-1' };
const SHOP = { subject: 'shop' };
const holds = (over: Partial<Holds>): Holds => ({ ...NO_HOLDS, revision: 1, ...over });
const booksWith = (over: Partial<Holds>, ...claims: readonly Claim[]): Books =>
  claims.reduce(ask, adopt(EMPTY_BOOKS, holds(over)));
const admitted = (books: Books, at = AT): string[] => admit(books, at).admitted.map(({ run }) => run);
const why = (books: Books): (string | null)[] => books.waiting.map((one) => whyWaiting(books, one, AT)?.kind ?? null);

describe('a freeze', () => {
  it('lets nobody begin until its time is over', () => {
    const books = booksWith({ freeze: FREEZE }, claim(1), claim(2));
    expect(admitted(books)).toEqual([]);
    expect(why(books)).toEqual(['freeze', 'freeze']);
    expect(admitted(books, LATER)).toEqual(['run-1', 'run-2']);
  });

  it('without an end waits for a person', () => {
    const books = booksWith({ freeze: { ...FREEZE, until: null } }, claim(1));
    expect(admitted(books, '2036-01-01T00:00:00.000Z')).toEqual([]);
    expect(admitted(adopt(books, holds({ revision: 2 })))).toEqual(['run-1']);
  });

  it('lets ways back pass, and whoever has begun go on', () => {
    const books = booksWith({ freeze: FREEZE }, claim(1), claim(2, { priority: 'rollback' }));
    expect(admitted(resume(rest(books, claim(3)), claim(3)))).toEqual(['run-2', 'run-3']);
  });

  it('is passed by a run that somebody let pass this one, and no other', () => {
    const passing = [claim(1, { passesFreeze: 7 }), claim(2, { passesFreeze: 6 })];
    expect(admitted(booksWith({ freeze: FREEZE }, ...passing))).toEqual(['run-1']);
  });

  it('does not make one that passes it wait behind those that may not', () => {
    const later = claim(2, { ...SHOP, passesFreeze: 7 });
    expect(admitted(booksWith({ freeze: FREEZE }, claim(1, SHOP), later))).toEqual(['run-2']);
  });
});

describe('a pin', () => {
  it('keeps every other version of its subject waiting, and nothing else', () => {
    const books = booksWith({ pins: [PIN] }, claim(2, SHOP), claim(3), claim(4, { ...SHOP, version: '1.0.0' }));
    expect(admitted(books)).toEqual(['run-3', 'run-4']);
    expect(why(admit(books, AT).books)).toEqual(['pin']);
  });

  it('lets a way back begin, and waits for no time', () => {
    const back = claim(3, { ...SHOP, priority: 'rollback' });
    expect(admitted(booksWith({ pins: [PIN] }, claim(2, SHOP), back), '2036-01-01T00:00:00.000Z')).toEqual(['run-3']);
  });

  it('keeps a run waiting that does not say what it delivers', () => {
    const { version: _version, ...old } = claim(2, SHOP);
    expect(admitted(booksWith({ pins: [PIN] }, old))).toEqual([]);
  });

  it('counts from the moment at which the run gives its place back that went back', () => {
    const { books } = admit(booksWith({}, claim(1, SHOP), claim(2, SHOP)), AT);
    const left = giveBack(tell(books, PIN), 'run-1');
    expect(admitted(left)).toEqual([]);
    expect(pinOf(left, 'shop')).toEqual(PIN);
  });

  it('that a run told stands until it was written, whatever else is written before', () => {
    const told = tell(booksWith({}, claim(2, SHOP)), PIN);
    const older = adopt(told, holds({ revision: 5, freeze: null, recorded: [{ subject: 'shop', run: 'run-0' }] }));
    expect(admitted(older)).toEqual([]);
    const unpinned = adopt(older, holds({ revision: 6, recorded: [{ subject: 'shop', run: 'run-1' }] }));
    expect(admitted(unpinned)).toEqual(['run-2']);
    expect(admitted(tell(unpinned, PIN))).toEqual(['run-2']);
  });

  it('of two that were told in another order than they were written is let go as one', () => {
    const told = tell(tell(EMPTY_BOOKS, { ...PIN, run: 'run-8' }), { ...PIN, run: 'run-9' });
    const recorded = ['run-8', 'run-9'].map((run) => ({ subject: 'shop', run }));
    expect(pinOf(adopt(told, holds({ recorded })), 'shop')).toBeNull();
  });

  it('is moved by a later way back', () => {
    const moved = tell(tell(EMPTY_BOOKS, PIN), { ...PIN, versions: ['0.9.0'], run: 'run-3' });
    expect(moved.told).toEqual([{ ...PIN, versions: ['0.9.0'], run: 'run-3' }]);
  });
});

describe('what a coordinator knows', () => {
  it('is never turned back by what was read before', () => {
    const frozen = adopt(EMPTY_BOOKS, holds({ revision: 4, freeze: FREEZE }));
    expect(freezeAt(holdsOf(adopt(frozen, holds({ revision: 3 }))), AT)).toEqual(FREEZE);
  });

  it('has to be as new as what was known at the start of a run, before that begins', () => {
    const books = booksWith({}, claim(1, { holdsRevision: 2 }), claim(2, { holdsRevision: 1 }));
    expect(admitted(books)).toEqual(['run-2']);
    expect(why(books)).toEqual(['holds-unread', null]);
    expect(admitted(adopt(books, holds({ revision: 2 })))).toEqual(['run-1', 'run-2']);
  });
});

it('nobody begins against a hold, in whatever order starts, freezes, pins and ends come', () => {
  const subjects = fc.constantFrom('shop', 'mail');
  const moves = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('ask'), run: fc.integer({ min: 1, max: 8 }), subject: subjects }),
      fc.record({ kind: fc.constant('end'), run: fc.integer({ min: 1, max: 8 }), pins: fc.boolean() }),
      fc.record({ kind: fc.constant('write'), revision: fc.integer({ min: 1, max: 30 }), frozen: fc.boolean() }),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(moves, (all) => {
      let books: Books = EMPTY_BOOKS;
      for (const move of all) {
        if ('subject' in move) {
          const isKnown = [...books.holders, ...books.waiting].some(({ run }) => run === `run-${move.run}`);
          if (!isKnown) books = ask(books, claim(move.run, { subject: move.subject }));
        } else if ('pins' in move) {
          const holder = books.holders.find(({ run }) => run === `run-${move.run}`);
          if (!holder) continue;
          const pin = { ...PIN, subject: holder.subject, versions: ['0.0.0'], run: holder.run };
          books = giveBack(move.pins ? tell(books, pin) : books, holder.run);
        } else {
          books = adopt(books, holds({ revision: move.revision, freeze: move.frozen ? FREEZE : null }));
        }
        const before = books;
        const { books: next, admitted: begun } = admit(books, AT);
        if (freezeAt(holdsOf(before), AT) !== null) expect(begun).toEqual([]);
        for (const { subject } of begun) expect(pinOf(before, subject)).toBeNull();
        books = next;
      }
    }),
  );
});
