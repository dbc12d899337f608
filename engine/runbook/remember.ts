/** Makes what a text stands for once, and remembers it for the next time; of too many texts it forgets all. */
export function remember<T>(most: number, make: (text: string) => T): (text: string) => T {
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

const texts = new WeakMap<object, string>()

/** The JSON of data that nobody changes, made once. */
export function textOf(data: object): string {
  const text = texts.get(data) ?? JSON.stringify(data)
  texts.set(data, text)
  return text
}
