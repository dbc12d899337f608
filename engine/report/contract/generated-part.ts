/** The markers around the text generated from the inventory; the text outside them is a person's and is kept. */
const START = '<!-- written by `breakglass contract` from the inventory; change it there -->'
const END = '<!-- end of what `breakglass contract` writes -->'

/** Returns a file with its generated part updated: all of a new file, the marked part of an existing one; undefined if that has no markers. */
export function withGenerated(text: string | undefined, generated: string): string | undefined {
  const part = `${START}\n${generated.trimEnd()}\n${END}`
  if (text === undefined) return `${part}\n`
  const place = placeIn(text)
  return place && `${text.slice(0, place.start)}${part}${text.slice(place.end)}`
}

function placeIn(text: string): { start: number; end: number } | undefined {
  const start = text.indexOf(START)
  const end = text.indexOf(END, start + START.length)
  return start < 0 || end < 0 ? undefined : { start, end: end + END.length }
}

/** A line in which a committed file differs from the generated one: its number, its text, and the expected text. */
export type StaleLine = { line: number; has?: string; mustBe?: string }

/** Returns the lines in which a text differs from another: lines only here, and missing lines at their places. */
export function staleLines(has: string, mustBe: string): StaleLine[] {
  const [here, there] = [has.split('\n'), mustBe.split('\n')]
  const stale: StaleLine[] = []
  let [i, j] = [0, 0]
  while (i < here.length || j < there.length) {
    if (i < here.length && here[i] === there[j]) [i, j] = [i + 1, j + 1]
    else {
      // The nearest line that both have is where they continue in common.
      const [toHere, toThere] = meeting(here, there, i, j)
      const count = Math.max(toHere - i, toThere - j)
      for (let at = 0; at < count; at++) {
        const [own, wanted] = [i + at < toHere ? here[i + at] : undefined, j + at < toThere ? there[j + at] : undefined]
        const line = Math.min(i + at, Math.max(toHere - 1, i)) + 1
        stale.push({
          line,
          ...(own === undefined ? {} : { has: own }),
          ...(wanted === undefined ? {} : { mustBe: wanted }),
        })
      }
      ;[i, j] = [toHere, toThere]
    }
  }
  return stale
}

function meeting(here: string[], there: string[], i: number, j: number): [number, number] {
  for (let sum = 1; sum <= here.length - i + (there.length - j); sum++)
    for (let own = 0; own <= sum; own++) {
      const [a, b] = [i + own, j + sum - own]
      if (a < here.length && b < there.length && here[a] === there[b]) return [a, b]
    }
  return [here.length, there.length]
}
