/** `items` so that each comes after those it depends on, otherwise in the order given; what is not among them waits for nobody. */
export function inOrder<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  dependsOn: (name: string) => readonly string[],
): Item[] {
  const byName = new Map(items.map((item) => [nameOf(item), item]));
  const sorted = new Set<Item>();
  const visit = (item: Item, way: readonly string[]): void => {
    const name = nameOf(item);
    for (const need of dependsOn(name)) {
      const before = byName.get(need);
      if (before !== undefined && !way.includes(need)) visit(before, [...way, name]);
    }
    sorted.add(item);
  };
  for (const item of items) visit(item, []);
  return [...sorted];
}
