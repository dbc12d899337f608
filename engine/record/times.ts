const ISO = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/

/** Returns an ISO time to the second, in UTC and without saying so: "2026-02-27 03:14:15". */
export const toSecond = (time: string): string => time.replace(ISO, '$1 $2')

/** Returns an ISO time to the second: "2026-02-27 03:14:15 UTC". */
export const utc = (time: string): string => time.replace(ISO, '$1 $2 UTC')

/** Returns a span between two ISO times to the second, without the second date where it is the first: "2026-02-27 03:14:15 to 03:20:01". */
export function toSecondSpan(from: string, to: string): string {
  const [first, last] = [toSecond(from), toSecond(to)]
  if (first === last) return first
  return `${first} to ${first.slice(0, 10) === last.slice(0, 10) ? last.slice(11) : last}`
}
