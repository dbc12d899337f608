import type { Diagnostic } from '../base/diagnostic.ts'
import type { JsonObject } from '../base/json.ts'
import type { Source } from '../base/source.ts'
import { diagnose, type Finding } from './lint/findings.ts'
import type { Fits } from './schema/compiled.ts'
import { compileSchema, type SchemaValidator, validateDocument } from './schema/errors.ts'
import { type Document, parseDocument } from './yaml/document.ts'

/** The result of reading a file: the value with warnings, or all errors. */
export type Reading<T> = { ok: true; value: T; warnings?: Diagnostic[] } | { ok: false; diagnostics: Diagnostic[] }

/** Interprets a document of one kind. */
export type Interpret<T> = (document: Document) => Reading<T>

/** Creates a reader for one kind of file: parses it, then interprets it. */
export const makeReader =
  <T>(interpret: Interpret<T>) =>
  (source: Source): Reading<T> => {
    const parsed = parseDocument(source)
    return parsed.ok ? interpret(parsed.document) : parsed
  }

/**
 * Creates an interpreter for one kind of file: validates the schema, then lints the value. Compiles the schema only if the
 * precompiled `fits` is missing or fails, to find out why.
 */
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
