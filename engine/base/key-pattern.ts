/** Returns whether a step key matches a pattern, in which `*` matches any text. */
export function fits(pattern: string, key: string): boolean {
  const [start = '', ...rest] = pattern.split('*')
  const end = rest.pop()
  if (end === undefined) return key === start
  if (!key.startsWith(start) || key.length < start.length + end.length || !key.endsWith(end)) return false
  let from = start.length
  for (const part of rest) {
    const at = key.indexOf(part, from)
    if (at < 0) return false
    from = at + part.length
  }
  return from <= key.length - end.length
}
