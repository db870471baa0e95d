/** A wait that others can cut short. */
export class WakeUp {
  #wake: (() => void) | null = null;
  #isPending = false;

  /** Ends the present wait, or the next one at once. */
  fire(): void {
    this.#isPending = true;
    this.#wake?.();
  }

  /** Resolves after `timeoutMs`, or as soon as somebody fires; at once when somebody did since the last wait. */
  async wait(timeoutMs: number): Promise<void> {
    if (!this.#isPending) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = null;
    this.#isPending = false;
  }
}
