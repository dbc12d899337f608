import type { Diagnostic } from './diagnostic.ts'
import { parseDocument } from './document.ts'
import { diagnose, type Finding } from './findings.ts'
import type { JsonObject } from './json.ts'
import { compileSchema, type SchemaValidator, validateDocument } from './schema-errors.ts'
import type { Source } from './source.ts'

/** What reading a file gives: the thing and what is odd about it, or every problem at once. */
export type Reading<T> = { ok: true; value: T; warnings?: Diagnostic[] } | { ok: false; diagnostics: Diagnostic[] }

/** Makes the reader for one kind of file: syntax, then schema, then meaning, of which `lint` is told the file's name too. The schema is compiled when it is first needed. */
export function makeReader<T>(
  schema: object,
  toValue: (file: JsonObject) => T,
  lint: (value: T, name: string) => Finding[],
): (source: Source) => Reading<T> {
  let validate: SchemaValidator | undefined
  return (source) => {
    const parsed = parseDocument(source)
    if (!parsed.ok) return parsed
    const { document } = parsed
    validate ??= compileSchema(schema)
    const problems = validateDocument(document, validate)
    if (problems.length > 0) return { ok: false, diagnostics: problems }
    const value = toValue(document.value as JsonObject)
    const diagnostics = diagnose(document, lint(value, source.name))
    return diagnostics.some(({ severity }) => severity === 'error')
      ? { ok: false, diagnostics }
      : { ok: true, value, ...(diagnostics.length > 0 ? { warnings: diagnostics } : {}) }
  }
}
