import type { Json } from '../base/json.ts'
import { sameJson } from '../base/json.ts'
import type { Language } from '../in-force/language.ts'
import { type Elsewhere, findText, type ReadFile, readFile } from '../in-force/out-of-force.ts'
import { yamlAt } from '../in-force/yaml.ts'

/** A bound point: a text, or a value at a YAML path, that a file of the repository must have in force, or must not. */
export type BackfillPoint = {
  runbook: string
  file: string
  /** The point as a sentence of the record. */
  says: string
  holds: { text: string } | { without: string } | { yaml: (string | number)[]; value: Json }
}

/**
 * The result of comparing a file with a point: how it was read, and where the point's text occurs without being in
 * force.
 */
export type Comparison = { holds: boolean; readAs?: Language; elsewhere: Elsewhere[] }

/** Compares a file with a point; `content` is undefined if there is no such file. */
export async function compareFile({ file, holds }: BackfillPoint, content: string | undefined): Promise<Comparison> {
  if (content === undefined) return { holds: false, elsewhere: [] }
  const read = await readFile(file, content)
  if ('text' in holds) {
    const { inForce, elsewhere } = findText(read, holds.text)
    return { holds: inForce, readAs: read.readAs, elsewhere }
  }
  if ('without' in holds) {
    const { inForce, elsewhere } = findText(read, holds.without)
    return { holds: !inForce, readAs: read.readAs, elsewhere }
  }
  return { readAs: 'yaml', ...compareValue(read, holds) }
}

/** Compares the value at a path; if it isn't in force, looks for the path's last key with that value elsewhere. */
function compareValue(
  read: ReadFile,
  { yaml, value }: { yaml: (string | number)[]; value: Json },
): Pick<Comparison, 'holds' | 'elsewhere'> {
  const found = yamlAt(read.text, yaml)
  if (found !== undefined && sameJson(found.value, value)) {
    const off = read.outOfForce.find(({ start, end }) => start <= found.start && found.end <= end)
    if (off === undefined) return { holds: true, elsewhere: [] }
    return { holds: false, elsewhere: [{ why: off.why, lines: [read.text.slice(0, found.start).split('\n').length] }] }
  }
  const key = yaml.at(-1)
  if (typeof key !== 'string' || typeof value === 'object') return { holds: false, elsewhere: [] }
  return { holds: false, elsewhere: findText(read, `${key}: ${value}`).elsewhere }
}
