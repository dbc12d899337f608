/** Memoizes a function of a text; clears the cache once it has `most` entries. */
export function memoize<T>(most: number, make: (text: string) => T): (text: string) => T {
  const made = new Map<string, T>()
  return (text) => {
    const before = made.get(text)
    if (before !== undefined) return before
    if (made.size === most) made.clear()
    const one = make(text)
    made.set(text, one)
    return one
  }
}

/** Memoizes a function of an immutable object for the lifetime of the object. */
export function memoizeOf<K extends object, T>(make: (data: K) => T): (data: K) => T {
  const made = new WeakMap<K, T>()
  return (data) => {
    const before = made.get(data)
    if (before !== undefined) return before
    const one = make(data)
    made.set(data, one)
    return one
  }
}

/** Returns the JSON text of an object. */
export const textOf = memoizeOf((data: object): string => JSON.stringify(data))
