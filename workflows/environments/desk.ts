import {
  CancellationScope,
  getExternalWorkflowHandle,
  isCancellation,
  patched,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { admit, ask, endHold, giveBack, recover, rest, resume, takeHold } from '#domain/coordination/admission.ts';
import type { CoordinatorInput } from '#domain/coordination/coordinator-input.ts';
import { adopt, freezeEnds, tell } from '#domain/coordination/holds.ts';
import { EMPTY_BOOKS, type Books, type Claim } from '#domain/coordination/place.ts';
import type { EnvironmentActivities, Found } from '#domain/ports/environment.port.ts';
import { now } from '../runtime/clock.ts';
import { looking, surveying } from '../runtime/profiles.ts';
import * as messages from './environment.messages.ts';
import { FreezeTimer } from './freeze-timer.ts';

/** The books of an environment and what follows from each change in them. All handlers are synchronous. */
export class Desk {
  books: Books;
  hasNews = true;
  readonly #input: CoordinatorInput;
  /** Runs that gave back while the books were being made up: what they said of themselves before is outdated. */
  readonly #gone = new Set<string>();
  /** An emergency spoke while the books were being made up: that counts. */
  #hasHeardOfHold = false;
  /** Somebody could not be told of a place. */
  #isInDoubt = false;
  #look: CancellationScope | undefined;
  #looked: Promise<void> = Promise.resolve();
  readonly #freezeEnd = new FreezeTimer(() => {
    this.hasNews = true;
  });

  constructor(input: CoordinatorInput) {
    this.#input = input;
    this.books = input.books ?? EMPTY_BOOKS;
    const { askForPlace, restPlace, resumePlace, giveBackPlace } = messages.placeSignals;
    setHandler(askForPlace, (claim) => this.#note((books) => ask(books, claim)));
    setHandler(restPlace, (claim) => this.#note((books) => rest(books, claim)));
    setHandler(resumePlace, (claim) => this.#note((books) => resume(books, claim)));
    setHandler(giveBackPlace, ({ run, pin }) => {
      this.#gone.add(run);
      // In one change: between the end of a way back and its pin nobody is let in.
      this.#note((books) => giveBack(pin ? tell(books, pin) : books, run));
    });
    setHandler(messages.holdsChanged, (holds) => this.#note((books) => adopt(books, holds)));
    setHandler(messages.takeHold, (hold) => this.#noteHold((books) => takeHold(books, hold)));
    setHandler(messages.endHold, ({ id }) => this.#noteHold((books) => endHold(books, id)));
    setHandler(messages.coordinatorBooks, () => this.books, { description: 'Who holds a place, who rests, who waits' });
  }

  get isFull(): boolean {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    return continueAsNewSuggested || historyLength >= this.#input.continueAfterEvents;
  }

  /** Makes up books that nobody handed over; nobody is admitted before. */
  async recover(): Promise<void> {
    if (this.#input.books === null) {
      const { environment, queues } = this.#input;
      const { surveyPlaces, findHold } = proxyActivities<EnvironmentActivities>({
        ...surveying,
        taskQueue: queues.data,
        summary: 'who holds a place already',
      });
      const surveyed = await surveyPlaces({ environment, withHolds: true });
      const { claims, holds } = 'claims' in surveyed ? surveyed : { claims: surveyed, holds: null };
      if (holds !== null) this.books = adopt(this.books, holds);
      for (const { claim, standing, pin } of claims) {
        if (pin) this.books = tell(this.books, pin);
        if (!this.#gone.has(claim.run)) this.books = recover(this.books, claim, standing);
      }
      const hold = patched('emergency-in-lost-books') ? await findHold({ environment }) : null;
      if (hold !== null && !this.#hasHeardOfHold) this.books = takeHold(this.books, hold);
    }
    this.#gone.clear();
  }

  /** Admits whoever may go, and looks after those for whom others wait. */
  async settle(): Promise<void> {
    while (this.hasNews) {
      this.hasNews = false;
      const { books, admitted } = admit(this.books, now());
      this.books = books;
      await Promise.all(admitted.map((claim) => this.#grant(claim)));
    }
    this.#gone.clear();
    const isAwaited = this.books.waiting.length > 0;
    if (isAwaited || this.#isInDoubt) this.#startLooking();
    else this.#look?.cancel();
    this.#freezeEnd.set(isAwaited ? freezeEnds(this.books, now()) : null);
  }

  /** Ends what goes on beside; the books are whole then. */
  async close(): Promise<void> {
    this.#look?.cancel();
    await this.#looked;
    await this.#freezeEnd.close();
  }

  #note(change: (books: Books) => Books): void {
    this.books = change(this.books);
    this.hasNews = true;
  }

  #noteHold(change: (books: Books) => Books): void {
    this.#hasHeardOfHold = true;
    this.#note(change);
  }

  /** One that does not hear of its place is closed, or could not be told: which of them the next look finds out. */
  async #grant({ workflowId, request }: Claim): Promise<void> {
    await getExternalWorkflowHandle(workflowId)
      .signal(messages.placeGranted, { request })
      .catch((error: unknown) => {
        if (isCancellation(error)) throw error;
        this.#isInDoubt = true;
      });
  }

  /** An activity that the server repeats without a trace in the history, as long as somebody waits. */
  #startLooking(): void {
    if (this.#look) return;
    const scope = new CancellationScope();
    this.#look = scope;
    this.#looked = scope
      .run(() => this.#findClosed())
      .then(
        ({ closed, holds }) => {
          this.#isInDoubt = false;
          if (holds !== null) this.#note((books) => adopt(books, holds));
          for (const run of closed) this.#note((books) => giveBack(books, run));
        },
        // Cancelled because nobody waits, or an answer that cannot be read: the next change looks again.
        () => undefined,
      )
      .finally(() => {
        this.#look = undefined;
        this.hasNews = true;
      });
  }

  async #findClosed(): Promise<Found> {
    const { environment, queues, lookEveryMs: everyMs } = this.#input;
    const { findClosedRuns } = proxyActivities<EnvironmentActivities>({
      ...looking,
      taskQueue: queues.data,
      retry: { ...looking.retry, initialInterval: everyMs, maximumInterval: everyMs },
      summary: 'are those who hold a place still open',
    });
    const found = await findClosedRuns({ environment, everyMs, withHolds: true });
    return 'closed' in found ? found : { closed: found, holds: null };
  }
}
