import type { Diagnostic } from '../base/diagnostic.ts'
import type { JsonObject } from '../base/json.ts'
import type { Source } from '../base/source.ts'
import { diagnose, type Finding } from './lint/findings.ts'
import type { Fits } from './schema/compiled.ts'
import { compileSchema, type SchemaValidator, validateDocument } from './schema/errors.ts'
import { type Document, parseDocument } from './yaml/document.ts'

/** What reading a file gives: the thing and what is odd about it, or every problem at once. */
export type Reading<T> = { ok: true; value: T; warnings?: Diagnostic[] } | { ok: false; diagnostics: Diagnostic[] }

/** Says what a document of one kind means, or what is wrong with it. */
export type Interpret<T> = (document: Document) => Reading<T>

/** Makes what reads one kind of file: syntax, then what the document means. */
export const makeReader =
  <T>(interpret: Interpret<T>) =>
  (source: Source): Reading<T> => {
    const parsed = parseDocument(source)
    return parsed.ok ? interpret(parsed.document) : parsed
  }

/** Makes what interprets one kind of file: schema, then meaning, of which `lint` is told the file's name too. Where `fits` says no, or isn't there, the schema is compiled and says why. */
export function makeInterpreter<T>(
  schema: object,
  fits: Fits | undefined,
  toValue: (file: JsonObject) => T,
  lint: (value: T, name: string) => Finding[],
): Interpret<T> {
  let validate: SchemaValidator | undefined
  return (document) => {
    if (!fits?.(document.value)) {
      validate ??= compileSchema(schema)
      const problems = validateDocument(document, validate)
      if (problems.length > 0) return { ok: false, diagnostics: problems }
    }
    const value = toValue(document.value as JsonObject)
    const diagnostics = diagnose(document, lint(value, document.source.name))
    return diagnostics.some(({ severity }) => severity === 'error')
      ? { ok: false, diagnostics }
      : { ok: true, value, ...(diagnostics.length > 0 ? { warnings: diagnostics } : {}) }
  }
}
