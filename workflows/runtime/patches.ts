/**
 * Every behaviour change of a shipped workflow, oldest first: the id given to `patched()` and what it changed. An id is
 * never used again; it leaves the list only when no open run and no recorded history is older than it.
 */
export const PATCHES: readonly { readonly id: string; readonly changed: string }[] = [
  {
    id: 'emergency-in-lost-books',
    changed: 'a coordinator without books asks whether its environment is being taken back',
  },
  {
    id: 'journal-late-entry',
    changed:
      'what is recorded in the moment in which a batch has been stored is shipped at once, not with the next entry',
  },
];
