import type { Diagnostic } from '../../base/diagnostic.ts'
import type { Document } from '../yaml/document.ts'

/** A path in a file: keys and indexes from the top. */
export type Path = (string | number)[]

/** A mistake that the schema cannot express. `start` and `end` are offsets in the string at `path`. */
export type Finding = {
  path: Path
  on?: 'key' | 'value'
  start?: number
  end?: number
  message: string
  hint?: string
  severity?: 'warning'
}

/** Turns findings into diagnostics with positions in the file. */
export function diagnose(document: Document, findings: Finding[]): Diagnostic[] {
  return findings.map(({ path, on, start, end, message, hint, severity }): Diagnostic => {
    const range = start === undefined || end === undefined ? document.at(path, on) : document.within(path, start, end)
    return {
      file: document.source.name,
      ...range,
      message,
      severity: severity ?? 'error',
      ...(hint === undefined ? {} : { hint }),
    }
  })
}
