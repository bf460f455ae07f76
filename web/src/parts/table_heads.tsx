// Heads of columns of numbers.

/** Columns that are not sorted by. */
export function NumberHeads({ names }: { names: readonly string[] }) {
  return (
    <>
      {names.map((name) => (
        <th key={name} scope="col" class="number">
          {name}
        </th>
      ))}
    </>
  );
}

/** Columns to sort by, the largest first. */
export function SortHeads<Key extends string>({ columns, sort, onSort }: { columns: readonly (readonly [Key, string])[]; sort: Key; onSort: (key: Key) => void }) {
  return (
    <>
      {columns.map(([key, name]) => (
        <th key={key} scope="col" class="number" aria-sort={key === sort ? "descending" : undefined}>
          <button type="button" onClick={() => onSort(key)}>
            {name}
            {key === sort ? " ↓" : ""}
          </button>
        </th>
      ))}
    </>
  );
}
