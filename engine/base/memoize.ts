/** Makes what a text stands for once, and remembers it for the next time; of too many texts it forgets all. */
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

/** Makes what data stands for once, and remembers it as long as there is the data, which nobody changes. */
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

/** The JSON of data. */
export const textOf = memoizeOf((data: object): string => JSON.stringify(data))
