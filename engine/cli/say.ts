import type { Outside } from './outside.ts'

/** Where a command's texts go: people's to stdout, or to stderr where stdout is for machines. */
export type Say = (text: string) => void

/** People's text on stdout, or on stderr with `--json`. */
export const sayer =
  (json: boolean | undefined, outside: Outside): Say =>
  (text) =>
    json ? outside.err(text) : outside.out(text)

/** One JSON document on stdout. */
export const emit = (value: unknown, outside: Outside): void => outside.out(JSON.stringify(value, null, 2))
