import type { Source } from '../../base/source.ts'
import { readSource } from '../../disk/read-source.ts'
import { shownPath } from '../../disk/workspace.ts'
import { type ParsedDocument, parseDocument } from '../../runbook/yaml/document.ts'

/** A file with its YAML parsed; without a source if its text could not be read. */
export type ParsedFile = { file: string; source?: Source; parsed: ParsedDocument }

/** Reads a file and parses its YAML. */
export function parseFile(file: string, cwd: string): ParsedFile {
  const found = readSource(file, shownPath(file, cwd))
  return found.ok ? { file, source: found.source, parsed: parseDocument(found.source) } : { file, parsed: found }
}
