import { printableJson } from '../../base/printable.ts'
import type { Outside } from './runtime.ts'

/** Where a command's texts go: people's to stdout, or to stderr where stdout is for machines. */
export type Say = (text: string) => void

/** People's text on stdout, or on stderr with `--json`. */
export const sayer =
  (json: boolean | undefined, outside: Outside): Say =>
  (text) =>
    json ? outside.err(text) : outside.out(text)

/** A value as JSON for stdout. */
export const jsonText = (value: unknown): string => printableJson(JSON.stringify(value, null, 2))

/** One JSON document on stdout. */
export const emit = (value: unknown, outside: Outside): void => outside.out(jsonText(value))
