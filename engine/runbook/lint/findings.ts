import type { Diagnostic } from '../../base/diagnostic.ts'
import type { Document } from '../yaml/document.ts'

/** Where in a file something is: keys and indexes from the top. */
export type Path = (string | number)[]

/** A mistake that the schema can't see; `start` and `end` are offsets inside the text at `path`. A warning is only said. */
export type Finding = {
  path: Path
  on?: 'key' | 'value'
  start?: number
  end?: number
  message: string
  hint?: string
  severity?: 'warning'
}

/** Gives findings their places in the file. */
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
