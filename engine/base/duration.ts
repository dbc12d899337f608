const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** The JSON Schema `pattern` of a duration: a whole number and a unit. */
export const durationPattern = '^[0-9]{1,9}(ms|s|m|h)$'

const duration = new RegExp(durationPattern)

/** Returns the milliseconds of `250ms`, `90s`, `5m` or `1h`; throws a RangeError for any other text. */
export function parseDuration(text: string): number {
  if (!duration.test(text)) throw new RangeError(`not a duration such as 250ms, 90s, 5m or 1h: ${JSON.stringify(text)}`)
  const unit = text.replace(/^[0-9]+/, '') as keyof typeof unitMs
  return Number.parseInt(text, 10) * unitMs[unit]
}

/** Formats milliseconds for people: `250 ms`, `1.2 s`, `3 min 4 s`, `2 h 5 min`. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`
  const tenths = Math.round(ms / 100)
  if (tenths < 600) return `${tenths / 10} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return pair(Math.floor(seconds / 60), 'min', seconds % 60, 's')
  const minutes = Math.round(ms / 60_000)
  return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
}

const pair = (large: number, largeUnit: string, small: number, smallUnit: string) =>
  small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
